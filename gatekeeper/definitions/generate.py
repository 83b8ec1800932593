#!/usr/bin/env python3
"""Writes r4.tsv from HL7's R4 definitions. See README.md. Usage: generate.py FOLDER > r4.tsv"""

import json
import re
import sys
from pathlib import Path

folder = Path(sys.argv[1])
PRIMITIVES = set()


def resources(name, kind):
    bundle = json.loads((folder / name).read_text())
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


structures = {}
for name in ("profiles-types.json", "profiles-resources.json"):
    for structure in resources(name, "StructureDefinition"):
        if structure["derivation"] == "specialization" if "derivation" in structure else True:
            structures[structure["id"]] = structure
        if structure["kind"] == "primitive-type":
            PRIMITIVES.add(structure["id"])

# Codes of required value sets, where they can be listed from whole code systems.
value_sets, code_systems = {}, {}
for name in ("valuesets.json", "v3-codesystems.json"):
    for value_set in resources(name, "ValueSet"):
        value_sets[value_set["url"]] = value_set
    for system in resources(name, "CodeSystem"):
        code_systems[system["url"]] = system


def concepts(items):
    for item in items or []:
        yield item["code"]
        yield from concepts(item.get("concept"))


def codes_of(url):
    value_set = value_sets.get(url.split("|")[0])
    if value_set is None or "exclude" in value_set["compose"]:
        return None
    codes = []
    for include in value_set["compose"]["include"]:
        system = code_systems.get(include.get("system"))
        if "filter" in include or "valueSet" in include:
            return None
        if "concept" in include:
            codes += [c["code"] for c in include["concept"]]
        elif system is not None and system.get("content") == "complete":
            codes += list(concepts(system.get("concept")))
        else:
            return None
    return sorted(set(codes)) if 0 < len(codes) <= 64 else None


def systems_of(url, seen=()):
    """The code systems of a value set, each with its codes there, or None if it is the only one; nothing if that cannot be told."""
    value_set = value_sets.get(url.split("|")[0])
    if value_set is None or url in seen:
        return {}
    found = {}
    for include in value_set["compose"]["include"]:
        if "system" in include:
            system = code_systems.get(include["system"])
            if "concept" in include:
                codes = [c["code"] for c in include["concept"]]
            elif "filter" not in include and system is not None and system.get("content") == "complete":
                codes = list(concepts(system.get("concept")))
            else:
                codes = None
            found.setdefault(include["system"], []).append(codes)
        for other in include.get("valueSet", []):
            for name, codes in systems_of(other, (*seen, url)).items():
                found.setdefault(name, []).append(codes)
    if len(found) == 1:
        return dict.fromkeys(found)
    if any(codes is None for lists in found.values() for codes in lists):
        return {}
    return {name: sorted({code for codes in lists for code in codes}) for name, lists in found.items()}


def told(systems):
    return "|".join(name + ("" if codes is None else "=" + ",".join(codes)) for name, codes in sorted(systems.items()))


# What every resource, backbone element and data type has is known to the reader of the table.
IMPLIED = {"id", "extension", "modifierExtension", "contained", "meta", "implicitRules", "language", "text"}

# The package that carries HL7's files adds elements of its own to Meta.
META = {"id", "versionId", "lastUpdated", "source", "profile", "security", "tag"}


def rows(structure):
    root = structure["id"]
    elements = structure["snapshot"]["element"]
    parents = {e["path"].rsplit(".", 1)[0] for e in elements if "." in e["path"]}
    for element in elements:
        path = element["path"]
        if "." not in path:
            continue
        parent, name = path.rsplit(".", 1)
        if root == "Meta" and name not in META:
            continue
        is_resource = structure["kind"] == "resource"
        if name in IMPLIED and (name in ("id", "extension", "modifierExtension") or (is_resource and parent == root)):
            continue
        if "contentReference" in element:
            types = [element["contentReference"].lstrip("#")]
        elif path in parents:
            types = [path]
        else:
            types = [t["code"].replace("http://hl7.org/fhirpath/System.String", "string") for t in element["type"]]
        binding = element.get("binding", {})
        codes, systems = None, {}
        if types == ["code"] and binding.get("strength") == "required":
            codes = codes_of(binding["valueSet"])
            systems = systems_of(binding["valueSet"])
        yield parent, name, types, element["min"], element["max"], bool(element.get("isModifier")), codes, systems


compartment = json.loads((folder / "compartmentdefinition-patient.json").read_text())
wanted = [r["code"] for r in compartment["resource"] if r.get("param")]
# What a provider has no rows of: administration between payers and servers, and lists of people.
wanted = [t for t in wanted if t not in ("Group", "Person", "Schedule", "EnrollmentRequest", "MeasureReport")]

print("# Generated by generate.py from HL7 FHIR R4 4.0.1 (CC0). Do not edit.")
print("# E parent element types min max modifier codes system[=code,code][|system...] | S type parameter kind path[,path] | R types of the table")
print("R\t" + ",".join(wanted))
done, queue = set(), [*wanted, "Extension"]
while queue:
    current = queue.pop(0)
    if current in done or current in PRIMITIVES or "." in current or current not in structures:
        continue
    if current in ("Resource", "Narrative"):
        continue
    done.add(current)
    for parent, name, types, low, high, modifier, codes, systems in rows(structures[current]):
        cells = ["E", parent, name, ",".join(types), str(low), high, "M" if modifier else "", "|".join(codes or []), told(systems)]
        print("\t".join(cells))
        queue += types
    if current in wanted:
        queue.append("Meta")

# Search parameters whose expression is a plain path, with or without the type that a reference leads to.
found = {}
for parameter in resources("search-parameters.json", "SearchParameter"):
    if parameter["type"] not in ("token", "date", "reference", "string") or parameter["code"].startswith("_") or parameter["code"] == "phonetic":
        continue
    for part in parameter.get("expression", "").split("|"):
        part = re.sub(r"\.where\(resolve\(\) is \w+\)$", "", part.strip())
        cast = re.fullmatch(r"\((\w+)\.([\w.]+) as (\w+)\)", part)
        plain = re.fullmatch(r"(\w+)\.([\w.]+)", part)
        if cast:
            kind, path = cast[1], cast[2] + cast[3][0].upper() + cast[3][1:]
        elif plain:
            kind, path = plain[1], plain[2]
        else:
            kind = part.lstrip("(").split(".")[0]
            path = None
        if kind in wanted and kind in parameter["base"]:
            found.setdefault((kind, parameter["code"], parameter["type"]), []).append(path)
for (kind, code, sort), paths in sorted(found.items()):
    # A parameter of which a part cannot be told by a plain path is not offered at all.
    if None not in paths:
        print("\t".join(["S", kind, code, sort, ",".join(paths)]))
