#!/usr/bin/env bash
# build.sh [clean|build|test|demo|bench|docs|package]
#
# Does all set-up that the task needs on a Debian or Ubuntu machine with the .NET 10 SDK, then hands over to build.ps1.
# Where there is no PowerShell, it runs the C# side of the same task and says in one line what was left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly tests=tests/TcpTools.Core.Tests
readonly logs=output/logs
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
# A build server that lives on would keep our output's pipe open, and whoever reads it waiting.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

say() { printf '%s\n' "build: $*"; }
die() { printf '%s\n' "build: $*" >&2; exit 1; }

# --- set-up -----------------------------------------------------------------------------------------------------

require_sdk() {
    command -v dotnet >/dev/null || die "no dotnet on PATH: install the .NET 10 SDK (https://dotnet.microsoft.com/download)"
    dotnet --version >/dev/null 2>&1 || die "the .NET SDK found is not the one that global.json asks for: install the .NET 10 SDK"
}

# Prints the packages of which a command, or a file, is missing; the arguments are pairs command:package or /file:package.
missing_packages() {
    local pair
    for pair in "$@"; do
        [ -e "${pair%%:*}" ] || PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair##*:}"
    done
}

install_packages() {
    local wanted missing policy=/usr/sbin/policy-rc.d status=0
    case $1 in
        test) wanted="ip:iproute2 tshark:tshark tcpdump:tcpdump nginx:nginx-light nc:netcat-openbsd curl:curl iperf3:iperf3 ping:iputils-ping
            dnsmasq:dnsmasq-base dig:bind9-dnsutils nmap:nmap nft:nftables" ;;
        demo) wanted="ip:iproute2 nginx:nginx-light curl:curl" ;;
        bench) wanted="ip:iproute2 iperf3:iperf3 /usr/lib/python3/dist-packages/scapy:python3-scapy g++:g++ /usr/include/tins:libtins-dev
            go:golang-go /usr/share/gocode/src/github.com/google/gopacket:golang-github-google-gopacket-dev
            /usr/share/gocode/src/golang.org/x/sys:golang-golang-x-sys-dev" ;;
        *) return 0 ;;
    esac
    # shellcheck disable=SC2086
    missing=$(missing_packages $wanted)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        say "not root, so these packages are not installed and what needs them is skipped: $missing"
        return 0
    fi
    command -v apt-get >/dev/null || { say "no apt-get here; what needs these is skipped: $missing"; return 0; }

    say "installing $missing"
    mkdir -p "$logs"
    # A package that brings a server must not start it: what we test runs in namespaces of its own.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        # shellcheck disable=SC2064
        trap "rm -f $policy" EXIT
    fi
    # shellcheck disable=SC2086
    {
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -o Acquire::Retries=2 -o DPkg::Lock::Timeout=120 update &&
            apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install $missing
    } >"$logs/apt.log" 2>&1 </dev/null || status=$?
    if [ "$(head -n 2 "$policy" 2>/dev/null | tail -n 1)" = "exit 101" ]; then rm -f "$policy"; trap - EXIT; fi
    [ "$status" -eq 0 ] || say "apt-get failed ($logs/apt.log); what needs these is skipped: $missing"
}

# Containers often come without the device node, though the kernel has the driver.
make_tun_node() {
    [ "$(id -u)" -eq 0 ] && [ ! -e /dev/net/tun ] || return 0
    { mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun; } 2>/dev/null || true
}

# Sets the array "powershell" to the command that runs PowerShell, or to nothing.
find_powershell() {
    powershell=()
    if command -v pwsh >/dev/null && pwsh -NoProfile -NonInteractive -Command 'exit 0' >/dev/null 2>&1 </dev/null; then
        powershell=(pwsh)
    elif NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT=1 timeout 90 dotnet tool restore >/dev/null 2>&1 </dev/null &&
        dotnet tool run pwsh -- -NoProfile -NonInteractive -Command 'exit 0' >/dev/null 2>&1 </dev/null; then
        powershell=(dotnet tool run pwsh --)
    fi
}

# --- the C# side of each task, for machines without PowerShell -----------------------------------------------------

run_logged() { # name command...: quiet unless it fails
    local name=$1
    shift
    mkdir -p "$logs"
    "$@" >"$logs/$name.log" 2>&1 </dev/null && return 0
    grep -E '(error|warning) [A-Z]+[0-9]+' "$logs/$name.log" | sort -u | head -n 40 >&2 || tail -n 40 "$logs/$name.log" >&2
    return 1
}

build() {
    # A feed that cannot be reached does no harm as long as every package is in the local cache.
    run_logged restore dotnet restore TcpTools.slnx ||
        run_logged restore dotnet restore TcpTools.slnx --ignore-failed-sources ||
        die "dotnet restore failed ($logs/restore.log): a package is neither in the local cache nor to be had from the feeds"
    run_logged build dotnet build TcpTools.slnx -c Release --no-restore -v q || die "dotnet build failed ($logs/build.log)"
    say "built module/bin/TcpTools.dll"
}

# The bridge to SharpPcap and PacketDotNet: built where a package source has the two, left out where none has.
build_bridge() {
    local project=src/TcpTools.SharpPcap
    mkdir -p "$logs"
    if NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT=1 timeout 60 dotnet restore "$project" >"$logs/bridge.log" 2>&1 </dev/null; then
        run_logged bridge dotnet build "$project" -c Release --no-restore -v q || die "dotnet build failed ($logs/bridge.log)"
        say "built module/bin/SharpPcap/TcpTools.SharpPcap.dll"
    else
        rm -rf module/bin/SharpPcap
        say "left out the bridge to SharpPcap and PacketDotNet: no package source has them (TCPTOOLS_PACKAGE_SOURCE may name one)"
    fi
}

docs() {
    dotnet src/TcpTools.HelpBuilder/bin/Release/net10.0/TcpTools.HelpBuilder.dll module/bin/TcpTools.dll docs/en-US en-US
}

# Whether this user may make namespaces and TUN devices.
can_use_network() {
    [ "$(id -u)" -eq 0 ] && command -v ip >/dev/null && unshare --net true 2>/dev/null && { : <>/dev/net/tun; } 2>/dev/null
}

count_outcome() { grep -c "<UnitTestResult .*outcome=\"$1\"" "$2" || true; }

run_tests() {
    local results=$PWD/$logs/xunit.trx filter=() passed=0 failed=0 skipped=0 status=0 suites left
    rm -f "$results"
    if ! can_use_network; then
        filter=(--filter "Category!=Root")
        left=$(dotnet test "$tests" -c Release --no-build --nologo --list-tests --filter "Category=Root" 2>/dev/null | grep -c '^    ' || true)
        say "skipped: $left tests that need root, network namespaces and /dev/net/tun"
        skipped=$left
    fi
    dotnet test "$tests" -c Release --no-build --nologo "${filter[@]}" --logger "console;verbosity=minimal" \
        --logger "trx;LogFileName=$results" --blame-hang-timeout 15m --blame-hang-dump-type none </dev/null |
        sed -u '/^Data collector/d; /^Test run for/d; /^A total of/d; /^Results File/d; /^$/d' || status=$?
    if [ -f "$results" ]; then
        passed=$(count_outcome Passed "$results")
        failed=$(count_outcome Failed "$results")
        skipped=$((skipped + $(count_outcome NotExecuted "$results")))
        sed -n '/<UnitTestResult .*outcome="NotExecuted"/,/<\/UnitTestResult>/{
            s/.*testName="\([^"]*\)".*/build: skipped: \1:/p
            s/.*<Message>\(.*\)<\/Message>.*/    \1/p
        }' "$results"
    fi
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        say "the test run itself broke off (exit code $status)"
        failed=1
    fi
    suites=$({ find tests/Module -name '*.Tests.ps1' 2>/dev/null || true; } | wc -l)
    [ "$suites" -eq 0 ] || say "skipped: $suites Pester suites (no PowerShell here)"
    echo "$passed passed, $failed failed, $((skipped + suites)) skipped"
    [ "$failed" -eq 0 ]
}

clean() {
    rm -rf output module/bin en-US
    find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
}

package() {
    local version target
    version=$(sed -n "s/^ *ModuleVersion *= *'\([^']*\)'.*/\1/p" TcpTools.psd1)
    target=output/TcpTools/$version
    rm -rf "$target"
    mkdir -p "$target/module/bin"
    cp TcpTools.psd1 LICENSE README.md "$target/"
    find module -maxdepth 1 -type f -exec cp {} "$target/module/" \;
    cp module/bin/*.dll module/bin/*.pdb "$target/module/bin/"
    if [ -d module/bin/SharpPcap ]; then
        mkdir "$target/module/bin/SharpPcap"
        cp module/bin/SharpPcap/*.dll "$target/module/bin/SharpPcap/"
    fi
    if [ -d en-US ]; then cp -r en-US "$target/"; fi
    say "packaged $target"
}

run_without_powershell() {
    case $1 in
        clean) clean ;;
        build) build && build_bridge && docs ;;
        test) build && build_bridge && docs && run_tests ;;
        demo) build && exec dotnet src/TcpTools.Demo/bin/Release/net10.0/TcpTools.Demo.dll ;;
        bench)
            build
            say "skipped: module import time (no PowerShell here)"
            exec dotnet tests/Benchmarks/bin/Release/net10.0/TcpTools.Benchmarks.dll
            ;;
        docs) build && docs ;;
        package) build && build_bridge && docs && package ;;
    esac
}

# --- main -----------------------------------------------------------------------------------------------------------

task=${1:-build}
task=${task,,}
case $task in
    clean | build | test | demo | bench | docs | package) ;;
    *) die "no task '$task': clean, build, test, demo, bench, docs or package" ;;
esac

require_sdk
install_packages "$task"
case $task in test | demo | bench) make_tun_node ;; esac
find_powershell
if [ ${#powershell[@]} -gt 0 ]; then
    exec "${powershell[@]}" -NoProfile -NonInteractive -File build.ps1 -Task "$task"
fi
say "no PowerShell on PATH and none from 'dotnet tool restore': running the C# side of '$task'"
run_without_powershell "$task"
