"""With the product's own matcher: the defaults of the stage fit together."""

from cases_world import PARTICIPANTS, World, alerts_in, entry, passport, person

from schemas.codes import Band
from schemas.internal import Reference
from streams.stages.cases import Cases


def test_a_passport_on_the_list_is_found_exactly_and_explained():
    world = World()
    world.stage = Cases(0, PARTICIPANTS, 2)
    said = world.publish(entry(subject=None, object=passport("AB1234567")))
    assert [send.message.present for send in said if isinstance(send.message, Reference)] == [True]
    seen = alerts_in(world.meet(person("SOMEBODY", documents=["AB1234567"])))
    assert {alert.recipient for alert in seen} == {"bd", "ccc", "fr"}
    assert {alert.match.band for alert in seen} == {Band.EXACT}
    assert all(alert.match.evidence for alert in seen)
