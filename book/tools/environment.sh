#!/usr/bin/env bash
# Make .venv and install requirements.txt into it, once.
#
# A stamp, named after the content of requirements.txt, is written when everything is
# installed: while it stands, there is nothing to do. An install that was cut short leaves
# a mark of its own, and the next run then begins from an empty environment. Of two runs at
# once, the second waits for the first.
#
#   PYTHON=python3.12   the interpreter to use; else the first fitting one is taken
#   TORCH_INDEX=URL     take torch (and only torch) from this index
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

venv=.venv
requirements=requirements.txt
# What a user has set up for other Pythons is not for this one. Indexes and proxies are.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER=0

stamp="$venv/.installed-$(cksum <"$requirements" | tr ' ' '-')"
unfinished="$venv/.unfinished"

fits() { # can this interpreter make our environment?
    "$1" -c '
import sys
import ensurepip, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    if [[ -n "${PYTHON:-}" ]]; then
        fits "$PYTHON" && echo "$PYTHON" && return
        echo "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip." >&2
        return 1
    fi
    local name candidate
    for name in python3.11 python3.12 python3.13 python3; do
        # all of that name on PATH: the first may be a shim with nothing behind it
        while IFS= read -r candidate; do
            if fits "$candidate"; then
                echo "$candidate"
                return
            fi
        done < <(type -aP "$name" || true)
    done
    cat >&2 <<'END'
No fitting Python was found. This project needs Python 3.11, 3.12 or 3.13 with the modules
venv and ensurepip. On Debian and Ubuntu: apt-get install python3 python3-venv.
If it is installed elsewhere, name it: make book PYTHON=/path/to/python3.12
END
    return 1
}

finished() {
    [[ -e "$stamp" && ! -e "$unfinished" ]] && fits "$venv/bin/python"
}

missing() { # what is pinned, and not in the environment
    "$venv/bin/python" -I - "$requirements" <<'END'
import sys
from importlib.metadata import PackageNotFoundError, version

for line in open(sys.argv[1], encoding="utf8"):
    name, pinned, wanted = line.strip().partition("==")
    try:
        if pinned and not line.startswith("#") and version(name).split("+")[0] != wanted:
            print(name)
    except PackageNotFoundError:
        print(name)
END
}

if finished; then
    exit 0
fi
exec 9<book/tools/environment.sh # locked, not written
if command -v flock >/dev/null && ! flock -n 9; then
    echo "Another make sets up $venv: this one waits for it"
    flock 9
    if finished; then
        exit 0
    fi
fi

if [[ -e "$unfinished" ]] || ! fits "$venv/bin/python" ||
    ! "$venv/bin/python" -I -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version) ($python)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

touch "$unfinished"
rm -f "$venv"/.installed-*
pip=("$venv/bin/python" -I -m pip --disable-pip-version-check install --quiet)
if [[ -n "${TORCH_INDEX:-}" ]]; then
    torch=$(grep -E '^torch==' "$requirements")
    echo "Installing $torch from $TORCH_INDEX"
    "${pip[@]}" --no-deps --index-url "$TORCH_INDEX" "$torch"
fi
echo "Installing $requirements into $venv (the first time this takes a few minutes)"
"${pip[@]}" -r "$requirements"
left=$(missing && "$venv/bin/python" -I -m pip check || true)
if [[ "$left" != "No broken requirements found." ]]; then
    printf '%s\n' "pip has not installed all of $requirements into $venv:" "$left" \
        "Look for the setting that keeps it from that: $venv/bin/python -m pip config list" >&2
    exit 1
fi
touch "$stamp"
rm -f "$unfinished"
