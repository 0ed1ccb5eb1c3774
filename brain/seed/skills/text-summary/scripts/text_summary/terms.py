"""The words that a text comes back to."""

from collections import Counter
from collections.abc import Sequence

_SHORTEST = 4
_TOO_COMMON = frozenset(
    """
    about above after again against also although among another because been before being below between both
    cannot could does doing down during each either else even ever every first from further have having here
    however into itself just like made make many more most much must never next often once only other others
    over rather really same several shall should since some something still such than that their them then
    there these they this those through thus together took under until upon used using very want well went
    were what when where whether which while whom whose will with within without would your yours
    aber alle allem allen aller alles auch auf beim bereits dabei damit dann darauf dass dein denn deren
    dessen deshalb diese diesem diesen dieser dieses doch dort durch eben eigen eine einem einen einer eines
    einige erst etwas euch fuer ganz gegen gibt haben hatte hatten hier hinter ihre ihrem ihren ihrer immer
    jede jedem jeden jeder jedes jetzt kann kein keine keinen koennen können machen mehr meine muss nach nicht
    nichts noch nur oder ohne schon sehr seine seinem seinen seiner seit selbst sich sein sind soll sollen
    sondern sowie über uns unser unter viel viele vom von vor waren wegen weil welche wenn werden wieder wird
    wollen worden wurde wurden würde zwar zwischen
    ainsi alors après aussi autre autres avant avec avoir beaucoup bien cela celle celui cette ceux chaque
    chez comme comment contre dans depuis deux donc dont elle elles encore entre était être fait faire leur
    leurs mais même mêmes moins notre nous parce pendant peut plus plusieurs pour pourquoi quand quel quelle
    sans selon sera soit sont sous tous tout toute toutes très trop votre vous
    algo algunos ante antes aquel aunque cada como con contra cual cuando desde donde durante ella ellos entre
    era esa ese eso esta estaba estado este esto estos fue había hace hacia hasta hay las los más mientras
    mucho muchos muy nada nosotros otra otras otro otros para pero poco porque puede pueden que quien según
    ser sido sin sobre solo son su sus también tanto tiene tienen toda todas todo todos tras una unas uno unos
    """.split()  # noqa: SIM905  (to be read as running words)
)


def commonest(sentences: Sequence[Sequence[str]], number: int) -> list[str]:
    """At most `number` telling words that occur at least twice, commonest first."""
    counts = Counter(
        word
        for sentence in sentences
        for word in sentence
        if len(word) >= _SHORTEST and not word.isdigit() and word not in _TOO_COMMON
    )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, times in ranked[:number] if times > 1]
