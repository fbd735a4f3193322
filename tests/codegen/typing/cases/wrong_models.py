"""Constructors."""

from datetime import UTC, datetime

from city_library import Audio, Book, Class, Print
from firestore_memory import MemoryItem, SessionState, SessionTurn, TurnRole, UserSession

MemoryItem(user_id="ada", item_type="fact", timestamp=datetime.now(UTC))
MemoryItem(user_id="ada")  # E: call-arg
MemoryItem(user_id="ada", item_typ="fact")  # E: call-arg
MemoryItem(user_id=1, item_type="fact")  # E: arg-type
MemoryItem(user_id="ada", item_type="fact", embedding="0.5")  # E: arg-type
MemoryItem(user_id="ada", item_type="fact", timestamp="today")  # E: arg-type
UserSession(user_id="ada", state=SessionState.IDLE)
UserSession(user_id="ada", state="idle")  # E: arg-type
SessionTurn(role=TurnRole.USER, content="hi", created_at=None)
SessionTurn(content="hi")  # E: call-arg
Book(isbn="1", title="t", class_=Class.FICTION, medium=Print())
Book(isbn="1", title="t", class_=Class.FICTION, medium=Audio(speakers=[]), page_count=3)
Book(isbn="1", title="t", class_="fiction", medium=Print())  # E: arg-type
Book(isbn="1", title="t", class_=Class.FICTION, medium="print")  # E: arg-type
Print(medium_kind="audio")  # E: arg-type

item = MemoryItem(user_id="ada", item_type="fact")
item.text_content = "x"
item.text_contnt = "x"  # E: attr-defined
item.text_content = 3  # E: assignment
item.text_content.upper()  # E: union-attr
