#!/usr/bin/env python3
"""Writes the descriptions of Debian's packages as BEIR JSONL to standard output, for `m3lex train-head`.

The short description becomes the title, the long one the text. Needs a Debian system whose package lists
were fetched with their English translations: apt-get -o Acquire::Languages=en update
"""
import json
import re
import subprocess
import sys

files = subprocess.run(
    ["apt-get", "-o", "Acquire::Languages=en", "indextargets", "--format", "$(FILENAME)", "Created-By: Translations"],
    capture_output=True, text=True, check=True).stdout.split()
seen = set()
for file in sorted(files):
    text = subprocess.run(
        ["/usr/lib/apt/apt-helper", "cat-file", file], capture_output=True, check=True).stdout.decode()
    for stanza in text.split("\n\n"):
        package = re.search(r"^Package: (.*)$", stanza, re.M)
        description = re.search(r"^Description-en: (.*)\n((?: .*\n?)*)", stanza, re.M)
        if not package or not description:
            continue
        lines = (line.strip() for line in description.group(2).split("\n"))
        long = re.sub(r"\s+", " ", " ".join("" if line == "." else line for line in lines)).strip()
        if len(long) >= 150 and long not in seen:
            seen.add(long)
            json.dump({"_id": package.group(1), "title": description.group(1).strip(), "text": long},
                      sys.stdout, ensure_ascii=False)
            print()
