"""The commands of learning: reviews, quizzes, the plan, grading; a file bears the name of its command."""
