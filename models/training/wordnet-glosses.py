#!/usr/bin/env python3
"""Writes the synsets of WordNet 3.0 as BEIR JSONL to standard output, for `m3lex train-head`.

The words become the title, the gloss the text. FOLDER holds data.noun, data.verb, data.adj and data.adv, as
Debian's package wordnet-base installs them in /usr/share/wordnet.
"""
import json
import os
import re
import sys

folder = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/wordnet"
for part in ("noun", "verb", "adj", "adv"):
    with open(os.path.join(folder, "data." + part), encoding="ascii") as lines:
        for line in lines:
            if line.startswith("  "):
                continue  # the licence
            head, gloss = line.rstrip("\n").split(" | ", 1)
            fields = head.split()
            words = fields[4:4 + 2 * int(fields[3], 16):2]
            title = ", ".join(re.sub(r"\(.*\)", "", word).replace("_", " ") for word in words)
            json.dump({"_id": part[0] + fields[0], "title": title, "text": gloss.strip()}, sys.stdout)
            print()
