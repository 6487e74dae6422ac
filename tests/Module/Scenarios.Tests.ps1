#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# docs/scenarios.md does what it says: each example runs in a PowerShell of its own in a small network, and a comment
# "# prints: text" is a promise. The page tells what the network looks like.

BeforeDiscovery {
    $root = Resolve-Path "$PSScriptRoot/../.."
    . "$root/tests/Lab/Lab.ps1"
    $obstacle = Get-LabObstacle
    foreach ($tool in 'nginx', 'curl', 'nc', 'tcpdump', 'dnsmasq', 'openssl') {
        if (-not $obstacle -and -not (Test-LabCommand $tool)) { $obstacle = "$tool is not installed" }
    }
    if ($obstacle) { Write-Host "skipped: the scenarios in their network: $obstacle" }
    $heading = ''
    $examples = foreach ($match in [regex]::Matches((Get-Content -Raw "$root/docs/scenarios.md"), '(?sm)^#{2,3} ([^\n]*)$|```powershell\n(.*?)```')) {
        if ($match.Groups[1].Success) { $heading = $match.Groups[1].Value; $number = 0; continue }
        @{ Heading = $heading; Number = ++$number; Code = $match.Groups[2].Value }
    }
}

Describe 'The scenario' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $root = "$(Resolve-Path "$PSScriptRoot/../..")"
        . "$root/tests/Lab/Lab.ps1"
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        $here, $router, $there = 1..3 | ForEach-Object { New-LabNamespace }
        Join-LabNamespace $here 10.8.0.2/24 $router 10.8.0.1/24 eth0
        Join-LabNamespace $router 10.8.1.1/24 $there 10.8.1.2/24 eth1
        foreach ($side in @($here, 'eth0', '10.8.0.1'), @($there, 'eth1', '10.8.1.1')) {
            $null = Invoke-LabCommand $side[0] ip link set lo up
            $null = Invoke-LabCommand $side[0] ip route add default via $side[2]
        }
        $null = Invoke-LabCommand $router sysctl -qw net.ipv4.ip_forward=1
        $null = Start-LabWebServer $there 10.8.1.2 80 @{ 'index.html' = 'hello from the web server' }
        $null = Start-LabServer $there 10.8.1.2 7
        $null = Start-LabProcess $there dnsmasq --no-daemon --no-resolv --no-hosts --listen-address=10.8.1.2 --address=/www.example.org/10.8.1.2 --user=root
        # Whoever the router sees answers at once afterwards: no example waits for a neighbour.
        $null = Invoke-LabCommand $here ping -c 1 -W 2 10.8.1.2
    }

    AfterAll { $here, $router, $there | Remove-LabNamespace }

    It '<Heading>, example <Number>' -ForEach $examples {
        $script = Join-Path $TestDrive 'scenario.ps1'
        Set-Content $script "`$ErrorActionPreference = 'Stop'; Set-Location '$TestDrive'; Import-Module '$root/TcpTools.psd1'`n$Code"
        $result = Invoke-LabCommand $here $pwsh -NoProfile -NonInteractive -File $script
        $output = $result.Output + $result.Error
        foreach ($promise in [regex]::Matches($Code, '# prints: (.*)')) {
            $output | Should -Match ([regex]::Escape($promise.Groups[1].Value.Trim()))
        }
        $result.Error | Should -BeNullOrEmpty
        $output | Should -Not -Match 'Exception|^Error|: error'
    }
}
