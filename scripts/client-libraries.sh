# dockerode and testcontainers-node, of exactly the versions in tests/clients/package-lock.json, as build/clients. Prints nothing;
# a machine without npm or without a registry skips the tests that need them, visibly.
if command -v npm >/dev/null && ! cmp -s tests/clients/package-lock.json build/clients/package-lock.json; then
  rm -rf build/clients build/clients.part
  mkdir -p build/clients.part
  cp tests/clients/package.json tests/clients/package-lock.json build/clients.part/
  # No package's own script runs here.
  if (cd build/clients.part && npm ci --ignore-scripts --no-audit --no-fund) >/dev/null 2>&1; then
    mv build/clients.part build/clients
  fi
fi
