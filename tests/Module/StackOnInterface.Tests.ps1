. $PSScriptRoot/common.ps1

# Stacks on an interface beside the kernel, and on TAP devices.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: stacks on interfaces: $obstacle" }
    $noCurl = $obstacle -or -not (Test-LabCommand curl)
}

Describe 'A stack on an interface' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
        $near, $far = 1..2 | ForEach-Object { New-LabNamespace }
        Join-LabNamespace $near 10.8.0.2/24 $far 10.8.0.1/24 eth0
        $null = Invoke-LabCommand $near ip route add default via 10.8.0.1
    }

    AfterAll { $near, $far | Remove-LabNamespace }
    AfterEach { Remove-TestStack }

    It 'takes its place by an interface, an address and a namespace, and shows them' {
        $stack = Start-TcpStack eth0 10.8.0.50 -NetworkNamespace $near.Name -MacAddress 02-00-00-00-00-50
        $stack.Addresses[0].ToString() | Should -Be 10.8.0.50/24
        $stack.FindRoute('192.0.2.1').Gateway.ToString() | Should -Be 10.8.0.1
        ($stack | Format-List | Out-String) | Should -Match 'HardwareAddress +: 02:00:00:00:00:50'
        (Get-PacketLink eth0 | Where-Object Stack).HardwareAddress.ToString() | Should -Be 02:00:00:00:00:50
        $stack.Claims[0].State | Should -Be Claimed
        $null = Invoke-LabCommand $far ping -c 1 -W 10 10.8.0.50
        (Invoke-LabCommand $far ip neigh show 10.8.0.50).Output | Should -Match 02:00:00:00:00:50
    }

    It 'serves the kernel on the other side' -Skip:$noCurl {
        $stack = Start-TcpStack eth0 -Address 10.8.0.51 -NetworkNamespace $near.Name
        $listener = Start-TcpListener 80 -Stack $stack
        $curl = Start-LabProcess $far curl -s --max-time 20 http://10.8.0.51/
        $session = $listener | Receive-TcpSession -TimeoutSec 20
        $null = $session | Receive-TcpData -TimeoutSec 20
        "HTTP/1.0 200 OK`r`n`r`nfrom beside the kernel" | Send-TcpData -Session $session
        $session | Close-TcpSession
        $curl.WaitForExit([timespan]::FromSeconds(20)) | Should -BeTrue
        $curl.Output | Should -Match 'from beside the kernel'
    }

    It 'warns of a kernel that would send on what is for the stack' {
        $own = (Invoke-LabCommand $near ip -o link show eth0).Output -replace '(?s).*link/ether (\S+).*', '$1'
        $null = Start-TcpStack eth0 10.8.0.52 -NetworkNamespace $near.Name -MacAddress $own -WarningVariable quiet
        $quiet.Count | Should -Be 0
        $null = Invoke-LabCommand $near sysctl -qw net.ipv4.conf.eth0.forwarding=1
        $null = Start-TcpStack eth0 10.8.0.53 -NetworkNamespace $near.Name -MacAddress $own -WarningVariable warned -WarningAction SilentlyContinue
        $null = Invoke-LabCommand $near sysctl -qw net.ipv4.conf.eth0.forwarding=0
        "$warned" | Should -Match forwards
    }

    It 'is refused for addresses of others, and says who has them' {
        $place = @{ NetworkNamespace = $near.Name }
        Get-ErrorId { Start-TcpStack eth0 10.8.0.2 @place } | Should -Be LinkInUse
        Get-ErrorId { Start-TcpStack eth0 10.8.0.1 @place } | Should -Be LinkInUse
        Get-ErrorId { Start-TcpStack lo 10.8.0.3 @place } | Should -Be InvalidArgument
        Get-ErrorId { Start-TcpStack nothing0 10.8.0.3 @place } | Should -Be NoInterface
        Get-ErrorId { Start-TcpStack eth0 10.8.0.3 -Virtual @place } | Should -Be InvalidArgument
        @(Get-TcpStack).Count | Should -Be 0
        (Start-TcpStack eth0 10.8.0.1 -NoClaim @place).State | Should -Be Running
    }

    It 'leaves nothing when its process is killed' {
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        $script = Join-Path $TestDrive 'victim.ps1'
        Set-Content $script "Import-Module '$ModuleManifest'; `$null = Start-TcpStack eth0 10.8.0.60; `$null = Start-TcpStack 10.66.0.2/24 -Tap; 'ready'; [Console]::In.ReadLine()"
        $links = (Invoke-LabCommand $near ip -o link).Output
        $victim = Start-LabProcess $near $pwsh -NoProfile -NonInteractive -File $script
        [TcpTools.Lab.Tool]::Until({ $victim.Output -match 'ready' }, [timespan]::FromSeconds(60)) | Should -BeTrue -Because $victim.Error
        (Invoke-LabCommand $near ip -d link show eth0).Output | Should -Match 'promiscuity 1'
        (Invoke-LabCommand $far ping -c 1 -W 10 10.8.0.60).ExitCode | Should -Be 0
        $victim.Kill()
        [TcpTools.Lab.Tool]::Until({ (Invoke-LabCommand $near ip -d link show eth0).Output -match 'promiscuity 0' }, [timespan]::FromSeconds(20)) | Should -BeTrue
        (Invoke-LabCommand $near ip -o link).Output | Should -Be $links
        (Invoke-LabCommand $far ping -c 1 -W 1 10.8.0.60).ExitCode | Should -Not -Be 0
    }
}

Describe 'A TAP device' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
        $place = New-LabNamespace
    }

    AfterAll { Remove-LabNamespace $place }
    AfterEach { Remove-TestStack }

    It 'has a stack that the kernel finds by ARP' {
        $stack = Start-TcpStack 10.66.0.2/24 -Tap -InterfaceName ttap0 -NetworkNamespace $place.Name
        (Invoke-LabCommand $place ping -c 1 -W 10 10.66.0.2).ExitCode | Should -Be 0
        (Invoke-LabCommand $place ip neigh show 10.66.0.2).Output | Should -Match $stack.HardwareAddress
        (Get-PacketLink ttap0 | Where-Object Stack).Kind | Should -Be 'tap of ours'
    }

    It 'has the name, the address, the network, the Ethernet address and the owner asked for' {
        $tap = New-PacketTunnel 10.67.0.1/20 ttap1 -Tap -MacAddress 02:67:00:00:00:01 -Owner 65534 -Mtu 1400 -NetworkNamespace $place.Name
        try {
            $shown = (Invoke-LabCommand $place ip -d addr show ttap1).Output
            $shown | Should -Match 'inet 10.67.0.1/20'
            $shown | Should -Match '02:67:00:00:00:01'
            $shown | Should -Match 'mtu 1400'
            $shown | Should -Match 'type tap'
            $shown | Should -Match 'user nobody'
            $job = Start-LabProcess $place ping -c 1 -W 5 10.67.0.9
            $question = Receive-RawPacket $tap -Filter arp -Count 1 -TimeoutSec 10
            $question.Arp.TargetProtocol.ToString() | Should -Be 10.67.0.9
            $job.Dispose()
        }
        finally { Remove-PacketTunnel $tap }
        (Invoke-LabCommand $place ip link).Output | Should -Not -Match ttap1
        Get-ErrorId { New-PacketTunnel 10.67.0.1/24 -MacAddress 02:67:00:00:00:01 -NetworkNamespace $place.Name } | Should -Be InvalidArgument
    }
}
