"""Validates FHIR R4 resources, one JSON object a line on standard input, with PyPI's fhir.resources.

Says of each resource that is not valid why, and ends with status 1 if there is one. The package's R4B models are used: of
the types that are checked here, AuditEvent has not changed between R4 and R4B.
"""

import json
import sys

from fhir.resources.R4B import get_fhir_model_class

status = 0
count = 0
for line in sys.stdin:
    resource = json.loads(line)
    count += 1
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is to be told
        status = 1
        print(f"{resource.get('id')}: {error}")
print(f"{count} looked at")
sys.exit(status)
