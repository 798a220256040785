#!/usr/bin/env python3
"""Checks every page of documentation: `check.py GANTRY ROOT`.

Each line `$ gantry …` in a console block must name a command that `gantry` has, with flags that its help shows; each relative
link must lead to a file. Prints one line per mistake; the exit code is 1 when there is one.
"""
import pathlib
import re
import shlex
import subprocess
import sys

# Their flags end at the first word (the image, or the command inside a container); what follows belongs to another program.
ENDS_AT_FIRST_WORD = {"run", "create", "exec"}


def pages(root):
    found = [root / "README.md", root / "CONTRIBUTING.md"]
    for folder in ("docs", "engine", "sdk", "plugins", "cli"):
        found += sorted((root / folder).rglob("*.md"))
    return [page for page in found if page.exists()]


def console_lines(text):
    """The commands of the console blocks, continuation lines joined."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for line in re.sub(r"\\\n\s*>?\s*", " ", block).splitlines():
            if line.startswith("$ "):
                yield line[2:]


def gantry_words(line):
    """The words behind `gantry`, without comment, variables before it, sudo and what follows a pipe; None for another program."""
    line = re.sub(r"\s#\s.*$", "", line)
    for part in re.split(r"\s(?:&&|\|\||[|;])\s", line):
        try:
            words = shlex.split(part)
        except ValueError:
            yield ["(unbalanced quotes)"]
            continue
        while words and (words[0] == "sudo" or re.match(r"[A-Z_]+=", words[0])):
            words = words[1:]
        if words and pathlib.PurePath(words[0]).name == "gantry":
            yield [word for word in words[1:] if word not in ("&", ">", "2>")]


class Program:
    def __init__(self, path):
        self.path = path
        self.known = {}

    def help_of(self, *words):
        """Help of a command; empty when there is none."""
        if words not in self.known:
            ran = subprocess.run([self.path, *words, "--help"], capture_output=True, text=True, timeout=30)
            self.known[words] = ran.stdout if ran.returncode == 0 else ""
        return self.known[words]

    def command_of(self, words):
        """How many of the words name the command, and its help."""
        if len(words) > 1 and re.search(r"Usage:\s+gantry \w+ COMMAND", self.help_of(words[0])):
            return 2, self.help_of(words[0], words[1])
        return 1, self.help_of(words[0])


def takes_value(help_text, flag):
    return re.search(r"(?:^|[\s,])" + re.escape(flag) + r" [a-z]", help_text, re.M) is not None


def mistakes(program, words):
    if not words or words[0].startswith("-"):
        return
    names, help_text = program.command_of(words)
    if not help_text:
        yield f"no command `gantry {' '.join(words[:names])}`"
        return
    rest = words[names:]
    while rest:
        word, rest = rest[0], rest[1:]
        if word == "--" or (not word.startswith("-") and words[names - 1] in ENDS_AT_FIRST_WORD):
            return
        if not word.startswith("-") or word == "-" or word == "--help":
            continue
        flags = [word.split("=")[0]] if word.startswith("--") else ["-" + letter for letter in word[1:]]
        for flag in flags:
            if not re.search(r"(?:^|[\s,])" + re.escape(flag) + r"(?=[\s,]|$)", help_text, re.M):
                yield f"`gantry {' '.join(words[:names])}` has no flag {flag}"
                return
            # A short flag's value may be glued to it: -p8080:80.
            if flag == "-" + word[1:2] and len(word) > 2 and takes_short_value(help_text, flag):
                break
        else:
            if "=" not in word and (takes_value(help_text, flags[-1]) or takes_short_value(help_text, flags[-1])):
                rest = rest[1:]


def takes_short_value(help_text, flag):
    return re.search(r"^\s+" + re.escape(flag) + r", --[\w-]+ [a-z]", help_text, re.M) is not None


def broken_links(page, text):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not (page.parent / target).exists():
            yield f"link to {target}, which does not exist"


def main():
    program, root = Program(sys.argv[1]), pathlib.Path(sys.argv[2])
    found, commands = [], 0
    for page in pages(root):
        text = page.read_text()
        found += [f"{page.relative_to(root)}: {what}" for what in broken_links(page, text)]
        for line in console_lines(text):
            for words in gantry_words(line):
                commands += 1
                found += [f"{page.relative_to(root)}: {line}: {what}" for what in mistakes(program, words)]
    print("\n".join(found) or f"{commands} commands are as the documentation shows them")
    if not commands:
        found.append("no command found")
    return 1 if found else 0


sys.exit(main())
