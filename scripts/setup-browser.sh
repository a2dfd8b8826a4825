#!/usr/bin/env bash
# Installs Chromium and its WebDriver for the browser tests. CHROMIUM and CHROMEDRIVER name others to use instead.
# Chromium also carries SwiftShader, the Vulkan without a graphics card that the native tests run on.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

if ! command -v "${CHROMIUM:-chromium}" >/dev/null || ! command -v "${CHROMEDRIVER:-chromedriver}" >/dev/null; then
    apt_install chromium chromium-driver
fi
say "$("${CHROMIUM:-chromium}" --version 2>/dev/null), $("${CHROMEDRIVER:-chromedriver}" --version | cut -d' ' -f1,2): ready"
