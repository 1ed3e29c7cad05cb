# Installs the fathom that the repository's variables name, if it is the one they name.
set -eu
curl --fail --silent --show-error --location --output "$RUNNER_TEMP/fathom" "$FATHOM_URL"
echo "$FATHOM_SHA256  $RUNNER_TEMP/fathom" | sha256sum --check --quiet
mkdir -p "$RUNNER_TEMP/bin"
install -m 755 "$RUNNER_TEMP/fathom" "$RUNNER_TEMP/bin/fathom"
echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
