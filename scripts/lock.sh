#!/bin/sh
# Compile both locks from pyproject.toml: exact versions and hashes for all platforms, no addresses.
# uv only compiles; whoever installs needs pip alone. It lives in an environment of its own.
# UPGRADE=1 takes the newest versions; otherwise what is locked stays where it can.
set -eu
cd "$(dirname "$0")/.."
python="${1:-python3}"
if [ ! -x build/lock/bin/uv ]; then
    "$python" -m venv build/lock
    build/lock/bin/pip install -q --disable-pip-version-check "uv>=0.13.9,<0.14"
fi

compile() {
    build/lock/bin/uv pip compile pyproject.toml --quiet --extra embedded --universal \
        --python-version 3.11 --generate-hashes --no-header --annotation-style line \
        ${UPGRADE:+--upgrade} "$@"
}
compile -o requirements.lock
compile --group dev --constraint requirements.lock -o requirements-dev.lock
grep -c '^[a-z]' requirements.lock requirements-dev.lock
