"""PyPI's `fhirpy`, unmodified, with the token of an app; and `fhir.resources` as a judge of what it got."""

import json
import sys

from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.observation import Observation
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import BaseFHIRError

asked = json.loads(sys.argv[1])
base = f"{asked['gatekeeper']}/fhir"
client = SyncFHIRClient(base, authorization=f"Bearer {asked['token']}")

statement = client.execute("metadata", method="GET")
CapabilityStatement.model_validate(json.loads(json.dumps(statement)))

found = client.resources("Observation").search(patient=asked["patient"]).limit(1).fetch_all()
shown = [json.loads(json.dumps(one.serialize())) for one in found]
values = sorted(one["valueQuantity"]["value"] for one in shown)
assert values == asked["values"], values
for one in shown:
    Observation.model_validate(one)
text = json.dumps(shown)
for canary in asked["canaries"]:
    assert canary not in text, canary

for target in asked["refused"]:
    try:
        client.execute(f"{base}/{target}", method="GET")
    except BaseFHIRError:
        continue
    raise AssertionError(f"{target} was answered")
print("done")
