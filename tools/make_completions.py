#!/usr/bin/env python3
"""Writes shell completions from what the program's own --help says.

usage: make_completions.py PROGRAM FOLDER     -> sightline.bash, _sightline (zsh), sightline.fish
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Option:
    names: list[str]
    choices: list[str]
    takes_value: bool
    text: str


@dataclass
class Command:
    path: list[str]
    text: str
    options: list[Option] = field(default_factory=list)
    commands: list["Command"] = field(default_factory=list)


def read_help(program: str, path: list[str]) -> str:
    return subprocess.run([program, *path, "--help"], capture_output=True, text=True, timeout=20, check=False).stdout


def listed_values(text: str) -> list[str]:
    """The values of "fast, balanced (default) or thorough"; none where the words are prose."""
    words = re.split(r",\s*|\s+or\s+", re.sub(r"\s*\([^)]*\)", "", text).strip())
    return words if len(words) > 1 and all(re.fullmatch(r"[a-z0-9]+", word) for word in words) else []


def parse_options(text: str) -> list[Option]:
    found = []
    text = re.sub(r"\n {20,}", "  ", text)  # a long option has its description on the next line
    for match in re.finditer(r"^  (-{1,2}[\w?][\w,?-]*)((?: (?!  ).*?)?)(?:  +(.*))?$", text, re.MULTILINE):
        names = [name for name in match[1].split(",") if name.startswith("-")]
        choices = re.search(r"[:\s]\{([^}]*)\}", match[2])
        words = choices[1].split(",") if choices else listed_values(match[3] or "") if match[2].strip() else []
        summary = (match[3] or "").strip().split(". ")[0].rstrip(".")
        found.append(Option(names, words, bool(match[2].strip()), summary))
    return found


def parse_commands(text: str) -> list[tuple[str, str]]:
    section = re.search(r"^(?:Subcommands|Commands):\n((?:^  .*\n?)+)", text, re.MULTILINE)
    if section is None:
        return []
    return [(match[1], match[2].strip()) for match in re.finditer(r"^  (\w[\w-]*)(?: +(.*))?$", section[1], re.MULTILINE)]


def read_command(program: str, path: list[str], text: str) -> Command:
    help_text = read_help(program, path)
    command = Command(path, text, parse_options(help_text))
    if len(path) < 2:
        command.commands = [read_command(program, [*path, name], about) for name, about in parse_commands(help_text)]
    return command


def flatten(command: Command) -> list[Command]:
    return [command] + [inner for child in command.commands for inner in flatten(child)]


def bash(root: Command) -> str:
    cases, values = [], {}
    for command in flatten(root):
        words = [child.path[-1] for child in command.commands]
        words += [name for option in command.options for name in option.names if name.startswith("--")]
        cases.append(f'    "{" ".join(command.path)}") words="{" ".join(words)}" ;;')
        for option in command.options:
            if option.choices:
                values["|".join(option.names)] = " ".join(option.choices)
    chosen = [f'    {names}) COMPREPLY=($(compgen -W "{words}" -- "$word")); return ;;' for names, words in values.items()]
    known = " ".join(f'"{" ".join(command.path)}"' for command in flatten(root) if command.path)
    return "\n".join([
        "# bash completion for sightline, written from its --help",
        "_sightline() {", "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' words='' i known",
        "  for ((i = 1; i < COMP_CWORD; i++)); do", f"    for known in {known}; do",
        '      if [[ "${command:+$command }${COMP_WORDS[i]}" == "$known" ]]; then command=$known; break; fi',
        "    done", "  done", '  case "$before" in', *chosen, "    *) ;;", "  esac", '  case "$command" in', *cases, "    *) ;;", "  esac",
        '  if [[ $word == -* || -z $command ]]; then COMPREPLY=($(compgen -W "$words" -- "$word"))',
        '  else COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word")); fi',
        "}", "complete -o filenames -o bashdefault -F _sightline sightline", ""])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_spec(option: Option) -> list[str]:
    specs = []
    about = re.sub(r"[\[\]:]", " ", option.text)
    value = ""
    if option.choices:
        value = f":value:({' '.join(option.choices)})"
    elif option.takes_value:
        value = ":value:_files"
    for name in option.names:
        specs.append(quoted(f"{name}[{about}]{value}"))
    return specs


def zsh(root: Command) -> str:
    lines = ["#compdef sightline", "# zsh completion for sightline, written from its --help", "_sightline() {",
             "  local -a commands", "  commands=("]
    lines += [f"    {quoted(child.path[-1] + ':' + child.text.replace(':', ' '))}" for child in root.commands]
    lines += ["  )", "  if (( CURRENT == 2 )); then", "    _describe command commands", "    return", "  fi", '  case "$words[2]" in']
    for child in root.commands:
        specs = [spec for option in child.options for spec in zsh_spec(option)]
        inner = [grandchild.path[-1] for grandchild in child.commands]
        files = quoted("*:file:(" + " ".join(inner) + ")") if inner else quoted("*:file:_files")
        lines.append(f"    {child.path[-1]}) shift words; (( CURRENT-- )); _arguments {' '.join([*specs, files])} ;;")
    return "\n".join([*lines, "  esac", "}", '_sightline "$@"', ""])


def fish(root: Command) -> str:
    lines = ["# fish completion for sightline, written from its --help"]
    names = " ".join(child.path[-1] for child in root.commands)
    for child in root.commands:
        lines.append(f"complete -c sightline -n 'not __fish_seen_subcommand_from {names}' -a {child.path[-1]} "
                     f"-d {quoted(child.text)}")
        condition = f"-n '__fish_seen_subcommand_from {child.path[-1]}'"
        for option in child.options:
            flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            value = f" -x -a {quoted(' '.join(option.choices))}" if option.choices else " -r" if option.takes_value else ""
            lines.append(f"complete -c sightline {condition} {flags}{value} -d {quoted(option.text)}")
        for grandchild in child.commands:
            lines.append(f"complete -c sightline {condition} -a {grandchild.path[-1]} -d {quoted(grandchild.text)}")
    return "\n".join([*lines, ""])


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    root = read_command(sys.argv[1], [], "")
    if not root.commands:
        print(f"{sys.argv[1]} --help names no commands: completions would be empty", file=sys.stderr)
        return 1
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in {"sightline.bash": bash, "_sightline": zsh, "sightline.fish": fish}.items():
        (folder / name).write_text(write(root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
