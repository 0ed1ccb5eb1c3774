"""Which sentences claim a deed, and which rows are enough for it."""

import pytest

from brain.chief.truth import false_claims
from brain.chief.work import TurnWork
from gateway.session.turns import Action


def work(*done: str, numbers: tuple[int, ...] = ()) -> TurnWork:
    actions = [Action(type=one, entity_id="x", title="X") for one in done]
    return TurnWork(turn_id="t", session_id="s", actions=actions, numbers=set(numbers))


@pytest.mark.parametrize(
    "lie",
    [
        "I've created the task.",
        "I have just added it to your list.",
        "Done! I created task 7.",
        "Created task 7, “Paint the fence”.",
        "Task 3 has been cancelled.",
        "Okay, cancelled.",
        "I\u2019ve already raised the priority.",
        "Sure.\n- I renamed task 2.",
        "The task is now updated.",
        "I'll call you when task 3 is done.",
    ],
)
def test_a_deed_without_a_row_is_a_lie(lie: str) -> None:
    assert false_claims(lie, work())


@pytest.mark.parametrize(
    "honest",
    [
        "Shall I create a task for that?",
        "I can create tasks, cancel them and tell you what is going on.",
        "Task 3 failed; nothing was created or changed.",
        "There are 3 open tasks.",
        "The task “I've created a mess” is still open.",
        "Task 2 was created yesterday.",
        "You hear of it when task 3 is done.",
        "You hear of task 3 when it is done.",
        "I could not create the task: there is no project Home.",
        "All right, I changed nothing. What would you like instead?",
        "Hello! What shall I take off your hands?",
    ],
)
def test_what_claims_nothing_is_no_lie(honest: str) -> None:
    assert false_claims(honest, work(numbers=(2, 3))) == []


@pytest.mark.parametrize(
    "lie",
    [
        "Ho creato il compito.",
        "L'attività è stata annullata.",
        "Criei a tarefa para amanhã.",
        "A tarefa foi cancelada.",
        "Ik heb de taak aangemaakt.",
        "Utworzyłem zadanie.",
        "Jag har skickat meddelandet.",
        "Я создал задачу.",
        "Görev #12 bitti.",
        "タスク12を作成しました。",
        "✅ Tehtävä valmis.",
    ],
)
def test_a_lie_is_one_in_other_languages_too(lie: str) -> None:
    assert false_claims(lie, work())


@pytest.mark.parametrize(
    "honest",
    [
        "Non ho creato nulla.",
        "Vuoi che crei un compito?",
        "Não criei nada.",
        "Ik heb niets aangemaakt.",
        "Mam utworzyć zadanie?",
        "Jag har inte skapat något.",
        "Я ничего не создал.",
        "Soll ich Aufgabe 9 anlegen?",
        "Zadanie 2 czeka na odpowiedź.",
        "✅ Compito 3: finito ieri.",
    ],
)
def test_what_claims_nothing_is_no_lie_in_other_languages_either(honest: str) -> None:
    assert false_claims(honest, work(numbers=(2, 3))) == []


def test_a_row_of_this_turn_is_enough() -> None:
    assert false_claims("I've created task 7.", work("task.created", numbers=(7,))) == []
    assert false_claims("Cancelled task 7.", work("task.cancelled", numbers=(7,))) == []


def test_a_row_of_another_kind_is_not_enough() -> None:
    assert false_claims("I've created task 7.", work("task.updated", numbers=(7,)))


def test_another_number_than_the_ledger_gave_is_a_lie() -> None:
    assert false_claims("I've created task 8.", work("task.created", numbers=(7,)))
