BEGIN TRANSACTION;
CREATE TABLE acronyms (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	short TEXT NOT NULL, 
	long TEXT NOT NULL, 
	archival_id INTEGER, 
	message_id INTEGER, 
	source TEXT NOT NULL, 
	trust VARCHAR(16) NOT NULL, 
	chosen BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(archival_id) REFERENCES archival (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "acronyms" VALUES(1,1,'SVD','Singular Value Decomposition',NULL,1,'https://a.example','web',0,'2026-11-21 03:35:00.000000');
INSERT INTO "acronyms" VALUES(2,2,'SVD','Singular Value Decomposition',NULL,14,'https://a.example','web',0,'2026-11-21 04:21:00.000000');
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO "alembic_version" VALUES('0007');
CREATE TABLE archival (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	subject TEXT, 
	fact_kind VARCHAR(16), 
	value TEXT, 
	day VARCHAR(10), 
	last_day VARCHAR(10), 
	polarity VARCHAR(16), 
	quote TEXT, 
	message_id INTEGER, 
	trust VARCHAR(16) NOT NULL, 
	source TEXT, 
	locator TEXT, 
	role VARCHAR(16), 
	name TEXT, 
	tags JSON NOT NULL, 
	external_id TEXT, 
	content_hash VARCHAR(64) NOT NULL, 
	time DATETIME NOT NULL, 
	zone TEXT NOT NULL, 
	valid_from DATETIME, 
	valid_to DATETIME, 
	superseded_by INTEGER, 
	created_at DATETIME NOT NULL, 
	path TEXT, 
	UNIQUE (student_id, external_id), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE SET NULL, 
	FOREIGN KEY(superseded_by) REFERENCES archival (id) ON DELETE SET NULL
);
INSERT INTO "archival" VALUES(1,1,'fact','시험은 12월 3일이다','exam date',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'f80c390b18a2228f03dae544f824800fdf099889a32245c29b668573c28ffdf6','2026-11-21 03:27:00.000000','UTC','2026-11-21 03:27:00.000000','2026-11-21 03:29:00.000000',2,'2026-11-21 03:26:00.000000',NULL);
INSERT INTO "archival" VALUES(2,1,'fact','시험은 12월 5일이다','exam date',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'2a3c3faa5ecee19c51bfa587a48d26b4dcfbbcaba95bd21a283a28ef72cf4229','2026-11-21 03:29:00.000000','UTC','2026-11-21 03:29:00.000000',NULL,NULL,'2026-11-21 03:28:00.000000',NULL);
INSERT INTO "archival" VALUES(3,1,'fact','이름은 민지입니다.','name','name','민지',NULL,NULL,'holds',NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'19ce8004a50813afb0d57e6c2316210205e624af7f72e05a062bbc99537c2949','2026-11-21 03:32:00.000000','UTC','2026-11-21 03:32:00.000000',NULL,NULL,'2026-11-21 03:31:00.000000',NULL);
INSERT INTO "archival" VALUES(4,1,'passage','Lecture 3 covers eigenvalues.',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student','notes.md','Lecture 3',NULL,NULL,'[]',NULL,'8e1ebec3dfa5509976898251c352d136eec8b8b83564b47620b62616308ebfa2','2026-11-21 03:34:00.000000','UTC','2026-11-21 03:34:00.000000',NULL,NULL,'2026-11-21 03:33:00.000000',NULL);
INSERT INTO "archival" VALUES(6,2,'fact','시험은 12월 3일이다','exam date',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'f80c390b18a2228f03dae544f824800fdf099889a32245c29b668573c28ffdf6','2026-11-21 04:13:00.000000','UTC','2026-11-21 04:13:00.000000','2026-11-21 04:15:00.000000',7,'2026-11-21 04:12:00.000000',NULL);
INSERT INTO "archival" VALUES(7,2,'fact','시험은 12월 5일이다','exam date',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'2a3c3faa5ecee19c51bfa587a48d26b4dcfbbcaba95bd21a283a28ef72cf4229','2026-11-21 04:15:00.000000','UTC','2026-11-21 04:15:00.000000',NULL,NULL,'2026-11-21 04:14:00.000000',NULL);
INSERT INTO "archival" VALUES(8,2,'fact','The student''s name is 민지.','name','name','민지',NULL,NULL,'holds',NULL,NULL,'student',NULL,NULL,NULL,NULL,'[]',NULL,'d5b5d9fe2fb94c1993623aa95199ebab6c5e2afdf8220f087fa3ff4d827bc83e','2026-11-21 04:18:00.000000','UTC','2026-11-21 04:18:00.000000',NULL,NULL,'2026-11-21 04:17:00.000000',NULL);
INSERT INTO "archival" VALUES(9,2,'passage','Lecture 3 covers eigenvalues.',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'student','notes.md','Lecture 3',NULL,NULL,'[]',NULL,'8e1ebec3dfa5509976898251c352d136eec8b8b83564b47620b62616308ebfa2','2026-11-21 04:20:00.000000','UTC','2026-11-21 04:20:00.000000',NULL,NULL,'2026-11-21 04:19:00.000000',NULL);
CREATE TABLE attempts (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	item_id INTEGER, 
	problem_id INTEGER, 
	card_id INTEGER, 
	topic TEXT NOT NULL, 
	response TEXT NOT NULL, 
	correct FLOAT, 
	graded_by VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	hints_used SMALLINT NOT NULL, 
	message_id INTEGER, 
	at DATETIME NOT NULL, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(item_id) REFERENCES quiz_items (id) ON DELETE SET NULL, 
	FOREIGN KEY(problem_id) REFERENCES problems (id) ON DELETE SET NULL, 
	FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "attempts" VALUES(1,1,1,1,NULL,'sums','2',1.0,'code','',0,1,'2026-11-21 03:45:00.000000');
INSERT INTO "attempts" VALUES(2,2,2,2,NULL,'sums','2',1.0,'code','',0,14,'2026-11-21 04:31:00.000000');
CREATE TABLE cards (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	front TEXT NOT NULL, 
	back TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	tags JSON NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	message_id INTEGER, 
	archival_id INTEGER, 
	source TEXT, 
	external_id TEXT, 
	trust VARCHAR(16) NOT NULL, 
	state SMALLINT NOT NULL, 
	step SMALLINT, 
	stability FLOAT, 
	difficulty FLOAT, 
	due DATETIME NOT NULL, 
	last_review DATETIME, 
	suspended BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	deleted_at DATETIME, 
	UNIQUE (student_id, external_id), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	FOREIGN KEY(archival_id) REFERENCES archival (id) ON DELETE SET NULL
);
INSERT INTO "cards" VALUES(1,1,'고유값이란?','크기만 바꾸는 벡터의 배율','선형대수','[]','student',1,NULL,NULL,NULL,'student',2,NULL,2.3,2.1,'2026-11-23 03:40:00.000000','2026-11-21 03:40:00.000000',0,'2026-11-21 03:39:00.000000',NULL);
INSERT INTO "cards" VALUES(2,2,'고유값이란?','크기만 바꾸는 벡터의 배율','선형대수','[]','student',14,NULL,NULL,NULL,'student',2,NULL,2.3,2.1,'2026-11-23 04:26:00.000000','2026-11-21 04:26:00.000000',0,'2026-11-21 04:25:00.000000',NULL);
CREATE TABLE core_blocks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	size_limit INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	message_id INTEGER, 
	trust VARCHAR(16) DEFAULT 'model' NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (student_id, label, version), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE SET NULL
);
INSERT INTO "core_blocks" VALUES(1,1,'student',1,'수학과 2학년',1200,'Who the student is: name, level, goals, dates, wishes.',1,'student','2026-11-21 03:25:00.000000');
INSERT INTO "core_blocks" VALUES(2,2,'student',1,'수학과 2학년',1200,'Who the student is: name, level, goals, dates, wishes.',14,'student','2026-11-21 04:11:00.000000');
CREATE TABLE doc_lengths (
	student_id INTEGER NOT NULL, 
	scope SMALLINT NOT NULL, 
	item_id INTEGER NOT NULL, 
	length INTEGER NOT NULL, 
	PRIMARY KEY (student_id, scope, item_id)
)
 WITHOUT ROWID

;
INSERT INTO "doc_lengths" VALUES(1,0,1,7);
INSERT INTO "doc_lengths" VALUES(1,0,4,3);
INSERT INTO "doc_lengths" VALUES(1,0,5,1);
INSERT INTO "doc_lengths" VALUES(1,0,8,3);
INSERT INTO "doc_lengths" VALUES(1,0,13,7);
INSERT INTO "doc_lengths" VALUES(1,1,1,7);
INSERT INTO "doc_lengths" VALUES(1,1,2,7);
INSERT INTO "doc_lengths" VALUES(1,1,3,8);
INSERT INTO "doc_lengths" VALUES(1,1,4,4);
INSERT INTO "doc_lengths" VALUES(2,0,14,7);
INSERT INTO "doc_lengths" VALUES(2,0,17,3);
INSERT INTO "doc_lengths" VALUES(2,0,18,1);
INSERT INTO "doc_lengths" VALUES(2,0,21,3);
INSERT INTO "doc_lengths" VALUES(2,0,26,7);
INSERT INTO "doc_lengths" VALUES(2,1,6,7);
INSERT INTO "doc_lengths" VALUES(2,1,7,7);
INSERT INTO "doc_lengths" VALUES(2,1,8,4);
INSERT INTO "doc_lengths" VALUES(2,1,9,4);
CREATE TABLE embed_queue (
	student_id INTEGER NOT NULL, 
	scope SMALLINT NOT NULL, 
	item_id INTEGER NOT NULL, 
	PRIMARY KEY (student_id, scope, item_id)
);
INSERT INTO "embed_queue" VALUES(1,0,13);
INSERT INTO "embed_queue" VALUES(2,0,26);
CREATE TABLE embedders (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	dimensions INTEGER NOT NULL, 
	calibration JSON NOT NULL, 
	active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "embedders" VALUES(1,'hashing-8',8,'{"ko":{"vote":0.0,"unrelated":0.0679,"deviation":0.351,"paraphrase":0.0322},"en":{"vote":0.0,"unrelated":0.2657,"deviation":0.3215,"paraphrase":0.2741},"ko_en":{"vote":0.0,"unrelated":0.052,"deviation":0.3482,"paraphrase":0.0609},"en_ko":{"vote":0.0,"unrelated":-0.0274,"deviation":0.3527,"paraphrase":0.0068}}',1,'2026-11-27 02:04:46.548214');
CREATE TABLE fsrs_parameters (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	parameters JSON NOT NULL, 
	reviews INTEGER NOT NULL, 
	log_loss FLOAT NOT NULL, 
	default_log_loss FLOAT NOT NULL, 
	created_at DATETIME NOT NULL, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE
);
INSERT INTO "fsrs_parameters" VALUES(1,1,'[0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2]',400,0.32,0.34,'2026-11-21 03:41:00.000000');
INSERT INTO "fsrs_parameters" VALUES(2,2,'[0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2]',400,0.32,0.34,'2026-11-21 04:27:00.000000');
CREATE TABLE messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	turn_id INTEGER, 
	role VARCHAR(16) NOT NULL, 
	name TEXT, 
	content TEXT NOT NULL, 
	tool_calls JSON, 
	tool_call_id TEXT, 
	state VARCHAR(16) NOT NULL, 
	context_note TEXT NOT NULL, 
	hits JSON, 
	trust VARCHAR(16) DEFAULT 'model' NOT NULL, 
	undone BOOLEAN NOT NULL, 
	time DATETIME NOT NULL, 
	zone TEXT NOT NULL, 
	external_id TEXT, 
	content_hash VARCHAR(64), 
	extras TEXT, 
	UNIQUE (session_id, seq), 
	UNIQUE (student_id, external_id), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE, 
	FOREIGN KEY(turn_id) REFERENCES turns (id) ON DELETE CASCADE
);
INSERT INTO "messages" VALUES(1,1,1,1,1,'user',NULL,'고유값이 뭐예요?',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',0,'2026-11-21 03:03:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(2,1,1,2,1,'assistant',NULL,'','[["call0","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',0,'2026-11-21 03:04:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(3,1,1,3,1,'tool','calculate','6',NULL,'call0','whole','',NULL,'model',0,'2026-11-21 03:05:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(4,1,1,4,1,'assistant',NULL,'답 0: it is the factor.',NULL,NULL,'whole','',NULL,'model',0,'2026-11-21 03:06:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(5,1,1,5,2,'user',NULL,'What is an eigenvector?',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',0,'2026-11-21 03:09:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(6,1,1,6,2,'assistant',NULL,'','[["call1","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',0,'2026-11-21 03:10:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(7,1,1,7,2,'tool','calculate','6',NULL,'call1','whole','',NULL,'model',0,'2026-11-21 03:11:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(8,1,1,8,2,'assistant',NULL,'답 1: it is the factor.',NULL,NULL,'whole','',NULL,'model',0,'2026-11-21 03:12:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(9,1,1,9,3,'user',NULL,'이건 취소할게요',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',1,'2026-11-21 03:14:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(10,1,1,10,3,'assistant',NULL,'','[["call2","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',1,'2026-11-21 03:15:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(11,1,1,11,3,'tool','calculate','6',NULL,'call2','whole','',NULL,'model',1,'2026-11-21 03:16:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(12,1,1,12,3,'assistant',NULL,'답 2: it is the factor.',NULL,NULL,'whole','',NULL,'model',1,'2026-11-21 03:17:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(13,1,1,13,4,'user',NULL,'아직 답을 못 받은 질문',NULL,NULL,'whole','',NULL,'student',0,'2026-11-21 03:38:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(14,2,3,1,5,'user',NULL,'고유값이 뭐예요?',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',0,'2026-11-21 03:49:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(15,2,3,2,5,'assistant',NULL,'','[["call0","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',0,'2026-11-21 03:50:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(16,2,3,3,5,'tool','calculate','6',NULL,'call0','whole','',NULL,'model',0,'2026-11-21 03:51:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(17,2,3,4,5,'assistant',NULL,'답 0: it is the factor.',NULL,NULL,'whole','',NULL,'model',0,'2026-11-21 03:52:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(18,2,3,5,6,'user',NULL,'What is an eigenvector?',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',0,'2026-11-21 03:55:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(19,2,3,6,6,'assistant',NULL,'','[["call1","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',0,'2026-11-21 03:56:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(20,2,3,7,6,'tool','calculate','6',NULL,'call1','whole','',NULL,'model',0,'2026-11-21 03:57:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(21,2,3,8,6,'assistant',NULL,'답 1: it is the factor.',NULL,NULL,'whole','',NULL,'model',0,'2026-11-21 03:58:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(22,2,3,9,7,'user',NULL,'이건 취소할게요',NULL,NULL,'whole','(2026-11-21 Sat 12:00)',NULL,'student',1,'2026-11-21 04:00:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(23,2,3,10,7,'assistant',NULL,'','[["call2","calculate","{\"expression\": \"2*3\"}"]]',NULL,'whole','',NULL,'model',1,'2026-11-21 04:01:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(24,2,3,11,7,'tool','calculate','6',NULL,'call2','whole','',NULL,'model',1,'2026-11-21 04:02:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(25,2,3,12,7,'assistant',NULL,'답 2: it is the factor.',NULL,NULL,'whole','',NULL,'model',1,'2026-11-21 04:03:00.000000','Asia/Seoul',NULL,NULL,NULL);
INSERT INTO "messages" VALUES(26,2,3,13,8,'user',NULL,'아직 답을 못 받은 질문',NULL,NULL,'whole','',NULL,'student',0,'2026-11-21 04:24:00.000000','Asia/Seoul',NULL,NULL,NULL);
CREATE TABLE misconception_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	misconception_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	words TEXT NOT NULL, 
	message_id INTEGER, 
	at DATETIME NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	UNIQUE (misconception_id, message_id, kind), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(misconception_id) REFERENCES misconceptions (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "misconception_events" VALUES(1,1,1,'seen','고유값이 뭐예요?',1,'2026-11-21 03:03:00.000000','2026-11-21');
INSERT INTO "misconception_events" VALUES(2,2,2,'seen','고유값이 뭐예요?',14,'2026-11-21 03:49:00.000000','2026-11-21');
CREATE TABLE misconceptions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	topic_key TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (student_id, topic_key), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE
);
INSERT INTO "misconceptions" VALUES(1,1,'고유값','confusion:고유값','2026-11-21 03:22:00.000000');
INSERT INTO "misconceptions" VALUES(2,2,'고유값','confusion:고유값','2026-11-21 04:08:00.000000');
CREATE TABLE open_questions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	message_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	answer_id INTEGER, 
	asked_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	UNIQUE (student_id, message_id), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	FOREIGN KEY(answer_id) REFERENCES messages (id) ON DELETE SET NULL
);
INSERT INTO "open_questions" VALUES(1,1,1,'고유값이 뭐예요?','answered',4,'2026-11-21 03:03:00.000000','2026-11-21 03:08:00.000000');
INSERT INTO "open_questions" VALUES(2,1,5,'What is an eigenvector?','open',NULL,'2026-11-21 03:09:00.000000',NULL);
INSERT INTO "open_questions" VALUES(3,1,9,'이건 취소할게요','open',NULL,'2026-11-21 03:14:00.000000',NULL);
INSERT INTO "open_questions" VALUES(4,2,14,'고유값이 뭐예요?','answered',17,'2026-11-21 03:49:00.000000','2026-11-21 03:54:00.000000');
INSERT INTO "open_questions" VALUES(5,2,18,'What is an eigenvector?','open',NULL,'2026-11-21 03:55:00.000000',NULL);
INSERT INTO "open_questions" VALUES(6,2,22,'이건 취소할게요','open',NULL,'2026-11-21 04:00:00.000000',NULL);
CREATE TABLE postings (
	student_id INTEGER NOT NULL, 
	scope SMALLINT NOT NULL, 
	term TEXT NOT NULL, 
	item_id INTEGER NOT NULL, 
	tf SMALLINT NOT NULL, 
	PRIMARY KEY (student_id, scope, term, item_id)
)
 WITHOUT ROWID

;
INSERT INTO "postings" VALUES(1,0,'0',4,1);
INSERT INTO "postings" VALUES(1,0,'1',8,1);
INSERT INTO "postings" VALUES(1,0,'b:값이',1,1);
INSERT INTO "postings" VALUES(1,0,'b:고유',1,1);
INSERT INTO "postings" VALUES(1,0,'b:답을',13,1);
INSERT INTO "postings" VALUES(1,0,'b:뭐예',1,1);
INSERT INTO "postings" VALUES(1,0,'b:받은',13,1);
INSERT INTO "postings" VALUES(1,0,'b:아직',13,1);
INSERT INTO "postings" VALUES(1,0,'b:예요',1,1);
INSERT INTO "postings" VALUES(1,0,'b:유값',1,1);
INSERT INTO "postings" VALUES(1,0,'b:질문',13,1);
INSERT INTO "postings" VALUES(1,0,'eigenvector',5,1);
INSERT INTO "postings" VALUES(1,0,'factor',4,1);
INSERT INTO "postings" VALUES(1,0,'factor',8,1);
INSERT INTO "postings" VALUES(1,0,'k:값',1,1);
INSERT INTO "postings" VALUES(1,0,'k:고유',1,1);
INSERT INTO "postings" VALUES(1,0,'k:답',4,1);
INSERT INTO "postings" VALUES(1,0,'k:답',8,1);
INSERT INTO "postings" VALUES(1,0,'k:답',13,1);
INSERT INTO "postings" VALUES(1,0,'k:받',13,1);
INSERT INTO "postings" VALUES(1,0,'k:질문',13,1);
INSERT INTO "postings" VALUES(1,1,'12',1,1);
INSERT INTO "postings" VALUES(1,1,'12',2,1);
INSERT INTO "postings" VALUES(1,1,'3',1,1);
INSERT INTO "postings" VALUES(1,1,'3',4,1);
INSERT INTO "postings" VALUES(1,1,'5',2,1);
INSERT INTO "postings" VALUES(1,1,'b:니다',3,1);
INSERT INTO "postings" VALUES(1,1,'b:름은',3,1);
INSERT INTO "postings" VALUES(1,1,'b:민지',3,1);
INSERT INTO "postings" VALUES(1,1,'b:시험',1,1);
INSERT INTO "postings" VALUES(1,1,'b:시험',2,1);
INSERT INTO "postings" VALUES(1,1,'b:이다',1,1);
INSERT INTO "postings" VALUES(1,1,'b:이다',2,1);
INSERT INTO "postings" VALUES(1,1,'b:이름',3,1);
INSERT INTO "postings" VALUES(1,1,'b:일이',1,1);
INSERT INTO "postings" VALUES(1,1,'b:일이',2,1);
INSERT INTO "postings" VALUES(1,1,'b:입니',3,1);
INSERT INTO "postings" VALUES(1,1,'b:지입',3,1);
INSERT INTO "postings" VALUES(1,1,'b:험은',1,1);
INSERT INTO "postings" VALUES(1,1,'b:험은',2,1);
INSERT INTO "postings" VALUES(1,1,'cover',4,1);
INSERT INTO "postings" VALUES(1,1,'eigenvalu',4,1);
INSERT INTO "postings" VALUES(1,1,'k:민지',3,1);
INSERT INTO "postings" VALUES(1,1,'k:시험',1,1);
INSERT INTO "postings" VALUES(1,1,'k:시험',2,1);
INSERT INTO "postings" VALUES(1,1,'k:이름',3,1);
INSERT INTO "postings" VALUES(1,1,'lectur',4,1);
INSERT INTO "postings" VALUES(2,0,'0',17,1);
INSERT INTO "postings" VALUES(2,0,'1',21,1);
INSERT INTO "postings" VALUES(2,0,'b:값이',14,1);
INSERT INTO "postings" VALUES(2,0,'b:고유',14,1);
INSERT INTO "postings" VALUES(2,0,'b:답을',26,1);
INSERT INTO "postings" VALUES(2,0,'b:뭐예',14,1);
INSERT INTO "postings" VALUES(2,0,'b:받은',26,1);
INSERT INTO "postings" VALUES(2,0,'b:아직',26,1);
INSERT INTO "postings" VALUES(2,0,'b:예요',14,1);
INSERT INTO "postings" VALUES(2,0,'b:유값',14,1);
INSERT INTO "postings" VALUES(2,0,'b:질문',26,1);
INSERT INTO "postings" VALUES(2,0,'eigenvector',18,1);
INSERT INTO "postings" VALUES(2,0,'factor',17,1);
INSERT INTO "postings" VALUES(2,0,'factor',21,1);
INSERT INTO "postings" VALUES(2,0,'k:값',14,1);
INSERT INTO "postings" VALUES(2,0,'k:고유',14,1);
INSERT INTO "postings" VALUES(2,0,'k:답',17,1);
INSERT INTO "postings" VALUES(2,0,'k:답',21,1);
INSERT INTO "postings" VALUES(2,0,'k:답',26,1);
INSERT INTO "postings" VALUES(2,0,'k:받',26,1);
INSERT INTO "postings" VALUES(2,0,'k:질문',26,1);
INSERT INTO "postings" VALUES(2,1,'12',6,1);
INSERT INTO "postings" VALUES(2,1,'12',7,1);
INSERT INTO "postings" VALUES(2,1,'3',6,1);
INSERT INTO "postings" VALUES(2,1,'3',9,1);
INSERT INTO "postings" VALUES(2,1,'5',7,1);
INSERT INTO "postings" VALUES(2,1,'b:민지',8,1);
INSERT INTO "postings" VALUES(2,1,'b:시험',6,1);
INSERT INTO "postings" VALUES(2,1,'b:시험',7,1);
INSERT INTO "postings" VALUES(2,1,'b:이다',6,1);
INSERT INTO "postings" VALUES(2,1,'b:이다',7,1);
INSERT INTO "postings" VALUES(2,1,'b:일이',6,1);
INSERT INTO "postings" VALUES(2,1,'b:일이',7,1);
INSERT INTO "postings" VALUES(2,1,'b:험은',6,1);
INSERT INTO "postings" VALUES(2,1,'b:험은',7,1);
INSERT INTO "postings" VALUES(2,1,'cover',9,1);
INSERT INTO "postings" VALUES(2,1,'eigenvalu',9,1);
INSERT INTO "postings" VALUES(2,1,'k:민지',8,1);
INSERT INTO "postings" VALUES(2,1,'k:시험',6,1);
INSERT INTO "postings" VALUES(2,1,'k:시험',7,1);
INSERT INTO "postings" VALUES(2,1,'lectur',9,1);
INSERT INTO "postings" VALUES(2,1,'name',8,1);
INSERT INTO "postings" VALUES(2,1,'student',8,1);
CREATE TABLE problems (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	problem_set TEXT NOT NULL, 
	external_id TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	text TEXT NOT NULL, 
	question TEXT NOT NULL, 
	answers JSON NOT NULL, 
	answer_type TEXT NOT NULL, 
	choices JSON NOT NULL, 
	hints JSON NOT NULL, 
	license TEXT NOT NULL, 
	source TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (student_id, problem_set, external_id), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE
);
INSERT INTO "problems" VALUES(1,1,'Calculus','p1','sums','','1 + 1','["2"]','arithmetic','[]','[]','','','2026-11-21 03:42:00.000000');
INSERT INTO "problems" VALUES(2,2,'Calculus','p1','sums','','1 + 1','["2"]','arithmetic','[]','[]','','','2026-11-21 04:28:00.000000');
CREATE TABLE promises (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	message_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	made_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "promises" VALUES(1,1,1,'다음에는 특잇값 분해부터 합니다','open','2026-11-21 03:24:00.000000',NULL);
INSERT INTO "promises" VALUES(2,2,14,'다음에는 특잇값 분해부터 합니다','open','2026-11-21 04:10:00.000000',NULL);
CREATE TABLE quiz_items (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	quiz_id INTEGER NOT NULL, 
	place SMALLINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	question TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	answers JSON NOT NULL, 
	answer_type TEXT NOT NULL, 
	choices JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	hints SMALLINT DEFAULT '0' NOT NULL, 
	card_id INTEGER, 
	problem_id INTEGER, 
	archival_id INTEGER, 
	UNIQUE (quiz_id, place), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(quiz_id) REFERENCES quizzes (id) ON DELETE CASCADE, 
	FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE, 
	FOREIGN KEY(problem_id) REFERENCES problems (id) ON DELETE SET NULL, 
	FOREIGN KEY(archival_id) REFERENCES archival (id) ON DELETE SET NULL
);
INSERT INTO "quiz_items" VALUES(1,1,1,1,'short','1 + 1','sums','["2"]','','[]','answered',0,NULL,1,NULL);
INSERT INTO "quiz_items" VALUES(2,2,2,1,'short','1 + 1','sums','["2"]','','[]','answered',0,NULL,2,NULL);
CREATE TABLE quizzes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	again_of INTEGER, 
	session_id INTEGER, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(again_of) REFERENCES quizzes (id) ON DELETE SET NULL, 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE SET NULL
);
INSERT INTO "quizzes" VALUES(1,1,'','mixed','open',NULL,NULL,'2026-11-21 03:43:00.000000',NULL);
INSERT INTO "quizzes" VALUES(2,2,'','mixed','open',NULL,NULL,'2026-11-21 04:29:00.000000',NULL);
CREATE TABLE reviews (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	card_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	rating SMALLINT NOT NULL, 
	duration INTEGER, 
	scheduled_days FLOAT, 
	elapsed_days FLOAT, 
	state SMALLINT NOT NULL, 
	step SMALLINT, 
	stability FLOAT, 
	difficulty FLOAT, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE
);
INSERT INTO "reviews" VALUES(1,1,1,'2026-11-21 03:40:00.000000',3,NULL,NULL,NULL,1,0,NULL,NULL);
INSERT INTO "reviews" VALUES(2,2,2,'2026-11-21 04:26:00.000000',3,NULL,NULL,NULL,1,0,NULL,NULL);
CREATE TABLE sessions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	title TEXT NOT NULL, 
	persona TEXT NOT NULL, 
	mode VARCHAR(16) DEFAULT '' NOT NULL, 
	external_id TEXT, 
	created_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	last_seq INTEGER NOT NULL, 
	parent_id INTEGER, 
	parent_seq INTEGER, 
	consolidated_seq INTEGER NOT NULL, 
	lease_owner TEXT, 
	lease_until DATETIME, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(parent_id) REFERENCES sessions (id) ON DELETE SET NULL
);
INSERT INTO "sessions" VALUES(1,1,'chat','고유값','kim-yongdam','',NULL,'2026-11-21 03:02:00.000000','2026-11-21 03:38:00.000000',13,NULL,NULL,0,NULL,NULL);
INSERT INTO "sessions" VALUES(2,1,'chat','고유값','kim-yongdam','',NULL,'2026-11-21 03:20:00.000000','2026-11-21 03:20:00.000000',12,1,12,0,NULL,NULL);
INSERT INTO "sessions" VALUES(3,2,'chat','고유값','kim-yongdam','',NULL,'2026-11-21 03:48:00.000000','2026-11-21 04:24:00.000000',13,NULL,NULL,0,NULL,NULL);
INSERT INTO "sessions" VALUES(4,2,'chat','고유값','kim-yongdam','',NULL,'2026-11-21 04:06:00.000000','2026-11-21 04:06:00.000000',12,3,12,0,NULL,NULL);
CREATE TABLE settings (
	"key" VARCHAR(64) NOT NULL, 
	value JSON NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE students (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	handle TEXT NOT NULL, 
	name TEXT NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	zone TEXT NOT NULL, 
	collection VARCHAR(64) NOT NULL, 
	change_seq BIGINT NOT NULL, 
	trust VARCHAR(16) DEFAULT 'student' NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (handle), 
	UNIQUE (collection)
);
INSERT INTO "students" VALUES(1,'minji','','ko','Asia/Seoul','s92b0b30e33525bc4c9aac8b7ae50f456',10,'student','2026-11-21 03:01:00.000000');
INSERT INTO "students" VALUES(2,'junho','','en','Asia/Seoul','s6142dd093f7bfb42e808d3dbb0e7a4dd',10,'student','2026-11-21 03:47:00.000000');
CREATE TABLE study_goals (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	minutes INTEGER NOT NULL, 
	topics JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	UNIQUE (student_id, subject), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE
);
INSERT INTO "study_goals" VALUES(1,1,'exam date',40,'["고유값"]','active','2026-11-21 03:23:00.000000','2026-11-21 03:23:00.000000');
INSERT INTO "study_goals" VALUES(2,2,'exam date',40,'["고유값"]','active','2026-11-21 04:09:00.000000','2026-11-21 04:09:00.000000');
CREATE TABLE token_calibrations (
	model TEXT NOT NULL, 
	estimated FLOAT NOT NULL, 
	counted FLOAT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (model)
);
INSERT INTO "token_calibrations" VALUES('m',10.0,11.0,'2026-11-21 04:34:00.000000');
CREATE TABLE tombstones (
	student_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	scope SMALLINT NOT NULL, 
	item_id INTEGER NOT NULL, 
	parts SMALLINT NOT NULL, 
	PRIMARY KEY (student_id, seq, scope, item_id)
);
INSERT INTO "tombstones" VALUES(1,10,1,5,1);
INSERT INTO "tombstones" VALUES(2,10,1,10,1);
CREATE TABLE turns (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	error TEXT, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	broken_rules JSON, 
	approvals JSON, 
	undone_at DATETIME, 
	UNIQUE (session_id, number), 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "turns" VALUES(1,1,1,1,'done',NULL,'2026-11-21 03:03:00.000000','2026-11-21 03:07:00.000000',NULL,NULL,NULL);
INSERT INTO "turns" VALUES(2,1,1,2,'done',NULL,'2026-11-21 03:09:00.000000','2026-11-21 03:13:00.000000',NULL,NULL,NULL);
INSERT INTO "turns" VALUES(3,1,1,3,'undone',NULL,'2026-11-21 03:14:00.000000','2026-11-21 03:18:00.000000',NULL,NULL,'2026-11-21 03:21:00.000000');
INSERT INTO "turns" VALUES(4,1,1,4,'open',NULL,'2026-11-21 03:38:00.000000',NULL,NULL,'{"call9":{"state":"waiting","why":"policy"}}',NULL);
INSERT INTO "turns" VALUES(5,2,3,1,'done',NULL,'2026-11-21 03:49:00.000000','2026-11-21 03:53:00.000000',NULL,NULL,NULL);
INSERT INTO "turns" VALUES(6,2,3,2,'done',NULL,'2026-11-21 03:55:00.000000','2026-11-21 03:59:00.000000',NULL,NULL,NULL);
INSERT INTO "turns" VALUES(7,2,3,3,'undone',NULL,'2026-11-21 04:00:00.000000','2026-11-21 04:04:00.000000',NULL,NULL,'2026-11-21 04:07:00.000000');
INSERT INTO "turns" VALUES(8,2,3,4,'open',NULL,'2026-11-21 04:24:00.000000',NULL,NULL,'{"call9":{"state":"waiting","why":"policy"}}',NULL);
CREATE TABLE usage (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	session_id INTEGER, 
	turn_id INTEGER, 
	purpose VARCHAR(16) NOT NULL, 
	model TEXT NOT NULL, 
	input_tokens INTEGER NOT NULL, 
	cached_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	reasoning_tokens INTEGER NOT NULL, 
	estimated BOOLEAN NOT NULL, 
	seconds FLOAT NOT NULL, 
	first_token_seconds FLOAT, 
	usd TEXT, 
	local BOOLEAN NOT NULL, 
	prices JSON, 
	krw_rate TEXT, 
	krw_rate_date VARCHAR(10), 
	created_at DATETIME NOT NULL, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE SET NULL, 
	FOREIGN KEY(turn_id) REFERENCES turns (id) ON DELETE SET NULL
);
INSERT INTO "usage" VALUES(1,1,1,1,'turn','m',904,0,404,0,0,1.5,NULL,'0.001058',0,NULL,NULL,NULL,'2026-11-21 04:33:00.000000');
CREATE TABLE vectors (
	student_id INTEGER NOT NULL, 
	scope SMALLINT NOT NULL, 
	item_id INTEGER NOT NULL, 
	embedder_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	parts SMALLINT NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (student_id, scope, item_id, embedder_id), 
	FOREIGN KEY(embedder_id) REFERENCES embedders (id) ON DELETE CASCADE
);
INSERT INTO "vectors" VALUES(1,0,1,1,1,1,X'0000000000B400BA00B400B4000000B8');
INSERT INTO "vectors" VALUES(1,0,4,1,2,2,X'F32E0000F32E36B93234F32E3639F3B2D92F0000D92FE3B555380000E3390000');
INSERT INTO "vectors" VALUES(1,0,5,1,3,1,X'10B0103419B619B6103019B614B91034');
INSERT INTO "vectors" VALUES(1,0,8,1,4,2,X'17B853360000DFB5673879B4682F6833F8B4A02EA032A0AE7C380000CC390000');
INSERT INTO "vectors" VALUES(1,1,1,1,5,1,X'57B357B757375737000057B757B35733');
INSERT INTO "vectors" VALUES(1,1,2,1,6,1,X'55B5000000005535553955B555B555B5');
INSERT INTO "vectors" VALUES(1,1,3,1,7,1,X'000092352EB8000092312E382E3892B1');
INSERT INTO "vectors" VALUES(1,1,4,1,8,1,X'31B1C93731B10000313131393131C937');
INSERT INTO "vectors" VALUES(2,0,14,1,1,1,X'0000000000B400BA00B400B4000000B8');
INSERT INTO "vectors" VALUES(2,0,17,1,2,2,X'F32E0000F32E36B93234F32E3639F3B2D92F0000D92FE3B555380000E3390000');
INSERT INTO "vectors" VALUES(2,0,18,1,3,1,X'10B0103419B619B6103019B614B91034');
INSERT INTO "vectors" VALUES(2,0,21,1,4,2,X'17B853360000DFB5673879B4682F6833F8B4A02EA032A0AE7C380000CC390000');
INSERT INTO "vectors" VALUES(2,1,6,1,5,1,X'57B357B757375737000057B757B35733');
INSERT INTO "vectors" VALUES(2,1,7,1,6,1,X'55B5000000005535553955B555B555B5');
INSERT INTO "vectors" VALUES(2,1,8,1,7,1,X'EE3400008837EEB4EEB4E4351B38EE34');
INSERT INTO "vectors" VALUES(2,1,9,1,8,1,X'31B1C93731B10000313131393131C937');
CREATE TABLE views (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	student_id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	system TEXT NOT NULL, 
	tools JSON NOT NULL, 
	brief TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	trust VARCHAR(16) DEFAULT 'student' NOT NULL, 
	pressure BOOLEAN DEFAULT 0 NOT NULL, 
	mode VARCHAR(16) DEFAULT '' NOT NULL, 
	first_seq INTEGER NOT NULL, 
	opened_at DATETIME NOT NULL, 
	FOREIGN KEY(student_id) REFERENCES students (id) ON DELETE CASCADE, 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "views" VALUES(1,1,1,'start','You are a professor.','[{"name":"calculate"}]','','','student',0,'',1,'2026-11-21 03:19:00.000000');
INSERT INTO "views" VALUES(2,2,3,'start','You are a professor.','[{"name":"calculate"}]','','','student',0,'',1,'2026-11-21 04:05:00.000000');
CREATE INDEX postings_by_item ON postings (student_id, scope, item_id);
CREATE INDEX sessions_by_student ON sessions (student_id, last_at);
CREATE INDEX fsrs_parameters_by_student ON fsrs_parameters (student_id, id);
CREATE INDEX problems_by_topic ON problems (student_id, topic);
CREATE INDEX vectors_by_seq ON vectors (student_id, embedder_id, seq);
CREATE INDEX turns_by_student ON turns (student_id, state);
CREATE INDEX views_by_session ON views (session_id, id);
CREATE INDEX quizzes_by_student ON quizzes (student_id, state);
CREATE INDEX messages_by_time ON messages (student_id, time);
CREATE INDEX usage_by_student ON usage (student_id, created_at);
CREATE INDEX archival_by_kind ON archival (student_id, kind);
CREATE INDEX archival_by_subject ON archival (student_id, subject);
CREATE INDEX archival_by_hash ON archival (student_id, content_hash);
CREATE INDEX misconception_events_by_message ON misconception_events (message_id);
CREATE INDEX promises_by_student ON promises (student_id, state);
CREATE INDEX cards_by_due ON cards (student_id, due);
CREATE INDEX acronyms_by_short ON acronyms (student_id, short);
CREATE INDEX reviews_by_card ON reviews (student_id, card_id, at);
CREATE INDEX reviews_by_time ON reviews (student_id, at);
CREATE INDEX quiz_items_by_quiz ON quiz_items (student_id, quiz_id);
CREATE INDEX attempts_by_topic ON attempts (student_id, topic, at);
CREATE INDEX attempts_by_item ON attempts (student_id, item_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('students',2);
INSERT INTO "sqlite_sequence" VALUES('sessions',4);
INSERT INTO "sqlite_sequence" VALUES('turns',8);
INSERT INTO "sqlite_sequence" VALUES('messages',26);
INSERT INTO "sqlite_sequence" VALUES('open_questions',6);
INSERT INTO "sqlite_sequence" VALUES('views',2);
INSERT INTO "sqlite_sequence" VALUES('misconceptions',2);
INSERT INTO "sqlite_sequence" VALUES('misconception_events',2);
INSERT INTO "sqlite_sequence" VALUES('study_goals',2);
INSERT INTO "sqlite_sequence" VALUES('promises',2);
INSERT INTO "sqlite_sequence" VALUES('core_blocks',2);
INSERT INTO "sqlite_sequence" VALUES('archival',10);
INSERT INTO "sqlite_sequence" VALUES('acronyms',2);
INSERT INTO "sqlite_sequence" VALUES('cards',2);
INSERT INTO "sqlite_sequence" VALUES('reviews',2);
INSERT INTO "sqlite_sequence" VALUES('fsrs_parameters',2);
INSERT INTO "sqlite_sequence" VALUES('problems',2);
INSERT INTO "sqlite_sequence" VALUES('quizzes',2);
INSERT INTO "sqlite_sequence" VALUES('quiz_items',2);
INSERT INTO "sqlite_sequence" VALUES('attempts',2);
INSERT INTO "sqlite_sequence" VALUES('usage',1);
COMMIT;
