"""What the terminal says in its own name, in both languages."""

from __future__ import annotations

_TOOLS = {
    "core_memory_append": ("Taking a note…", "적어 두는 중…"),
    "core_memory_replace": ("Changing a note…", "적어 둔 것을 고치는 중…"),
    "study_plan": ("Planning…", "계획을 세우는 중…"),
    "quiz": ("Choosing a question…", "문제를 고르는 중…"),
    "make_card": ("Making a card…", "카드를 만드는 중…"),
    "note_confusion": ("Taking a note…", "적어 두는 중…"),
    "dismiss_question": ("Taking it off the list…", "목록에서 지우는 중…"),
    "promise": ("Making a promise…", "약속을 적는 중…"),
    "archival_memory_insert": ("Putting it away for later…", "나중을 위해 기억해 두는 중…"),
    "archival_memory_update": ("Correcting what I knew…", "알고 있던 것을 고치는 중…"),
    "archival_memory_search": ("Looking it up in memory…", "기억을 찾는 중…"),
    "conversation_search": ("Looking through our talks…", "지난 대화를 찾는 중…"),
    "read_more": ("Reading on…", "이어서 읽는 중…"),
    "web_search": ("Searching the web…", "웹에서 찾는 중…"),
    "read_page": ("Reading a page…", "웹 페이지를 읽는 중…"),
    "calculate": ("Calculating…", "계산하는 중…"),
    "run_code": ("Running a program…", "프로그램을 실행하는 중…"),
}


def tool_line(name: str, language: str) -> str:
    """Say in a few words what a tool is doing."""
    en, ko = _TOOLS.get(name, (f"Using {name}…", f"{name} 도구를 쓰는 중…"))
    return ko if language == "ko" else en
