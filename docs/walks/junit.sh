#!/usr/bin/env bash
# A Java developer's own Testcontainers cluster under the JUnit extension, against what ./mvnw install made.
# With an image of PostgreSQL other than postgres:15: POSTGRES_IMAGE=phaistos/postgres:15 docs/walks/junit.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
./mvnw -q -B -DskipTests install
cd examples/own-postgres
export TESTCONTAINERS_RYUK_DISABLED=true
if [[ -e /var/run/docker.pid ]]; then export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1; fi
../../mvnw -B test -Dpostgres.image="${POSTGRES_IMAGE:-postgres:15}"
