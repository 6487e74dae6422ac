. $PSScriptRoot/common.ps1

# Exchanges, scans, traces and responders against the kernel and the programs that people use: nmap, ping, dig.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: probing the kernel: $obstacle" }
    $noNmap = $obstacle -or -not (Test-LabCommand nmap)
    $noFilter = $obstacle -or -not (Test-LabCommand nft)
    $noPing = $obstacle -or -not (Test-LabCommand ping)
    $noDig = $obstacle -or -not (Test-LabCommand dig)
}

BeforeAll { . $PSScriptRoot/conditions.ps1 }

Describe 'Probing the kernel' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $place = New-LabNamespace
        $null = 22, 80, 8080 | ForEach-Object { Start-LabServer $place 0.0.0.0 $_ }
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name
        $null = Invoke-LabCommand $place ip route add 10.77.0.0/24 dev $stack.Link.Name
    }

    AfterAll {
        Get-TcpStack | Stop-TcpStack -Force
        Remove-LabNamespace $place
    }

    AfterEach { Get-PacketResponder | Stop-PacketResponder }

    It 'gets an answer to every kind of probe' {
        $head = New-IPPacket 10.9.0.1 10.9.0.2
        $results = $(
            $head | New-TcpSegment 80 40001 -Flags Syn -Sequence 4294967295
            $head | New-TcpSegment 81 40002 -Flags Syn
            $head | New-TcpSegment 80 40003 -Flags Ack -Acknowledgment 99
            $head | New-TcpSegment 81 40004 -Flags 0
            $head | New-TcpSegment 81 40005 -Flags Fin
            $head | New-TcpSegment 81 40006 -Flags Fin, Psh, Urg -Acknowledgment 12345
            $head | New-TcpSegment 81 40007 -Flags 0 -Data 'some data'
            $head | New-UdpDatagram 999
            $head | New-IcmpMessage -Identifier 7 -Data 'echo'
            New-IPPacket 10.9.0.1 10.9.0.2 -Protocol 99
        ) | Invoke-PacketExchange -TimeoutSec 2 | Sort-Object Number
        ($results | ForEach-Object { $_.Reply.Tcp ? "$($_.Reply.Tcp.Flags)" : "$($_.Reply.Icmp.Type)/$($_.Reply.Icmp.Code)" }) -join '; ' |
            Should -Be 'Syn, Ack; Rst, Ack; Rst; Rst, Ack; Rst, Ack; Rst, Ack; Rst, Ack; 3/3; 0/0; 3/2'
        ($results.RoundTripTime | Measure-Object TotalMilliseconds -Maximum).Maximum | Should -BeLessThan 1000
    }

    It 'agrees with nmap about ports' -Skip:$noNmap {
        $output = (Invoke-LabCommand $place nmap -n -Pn -sS --max-retries 1 -p '22,79-92,8080' -oG - 10.9.0.1).Output
        $nmap = [regex]::Matches($output, '(\d+)/(\w+)/tcp') | ForEach-Object { "$($_.Groups[1].Value) $($_.Groups[2].Value)" }
        $ours = Test-TcpPort 10.9.0.1 22, (79..92), 8080 -Detailed -TimeoutSec 0.5 | Sort-Object Port |
            ForEach-Object { "$($_.Port) $("$($_.State)".ToLowerInvariant())" }
        $ours -join ', ' | Should -Be ($nmap -join ', ')
    }

    It 'agrees with nmap about ports, behind a packet filter too' -Skip:($noNmap -or $noFilter) {
        'add table inet probing', 'add chain inet probing in { type filter hook input priority 0; }',
        'add rule inet probing in tcp dport 90 drop', 'add rule inet probing in tcp dport 91 reject' |
            ForEach-Object { (Invoke-LabCommand $place nft @(-split $_)).ExitCode | Should -Be 0 }
        try {
            $output = (Invoke-LabCommand $place nmap -n -Pn -sS --max-retries 1 -p '22,79-92,8080' -oG - 10.9.0.1).Output
            $nmap = [regex]::Matches($output, '(\d+)/(\w+)/tcp') | ForEach-Object { "$($_.Groups[1].Value) $($_.Groups[2].Value)" }
            $ours = Test-TcpPort 10.9.0.1 22, (79..92), 8080 -Detailed -TimeoutSec 0.5 | Sort-Object Port |
                ForEach-Object { "$($_.Port) $("$($_.State)".ToLowerInvariant())" }
            $ours -join ', ' | Should -Be ($nmap -join ', ')
            (Test-TcpPort 10.9.0.1 80, 90 -Method Ack -Detailed -TimeoutSec 0.5 | Sort-Object Port).State -join ' ' | Should -Be 'Unfiltered Filtered'
        }
        finally { $null = Invoke-LabCommand $place nft delete table inet probing }
    }

    It 'tries a thousand ports and finds those that are open' {
        $results = Test-TcpPort 10.9.0.1 (1..1000) -Detailed
        ($results | Where-Object IsOpen | Sort-Object Port).Port -join ' ' | Should -Be '22 80'
        @($results | Where-Object State -EQ Closed).Count | Should -Be 998
    }

    It 'connects' {
        (Test-TcpPort 10.9.0.1 80, 81 -Method Connect) -join ' ' | Should -Be 'True False'
    }

    It 'pings, with as much as fits and more' {
        Test-IcmpEcho 10.9.0.1 | Should -BeTrue
        $replies = Test-IcmpEcho 10.9.0.1 -Detailed -Count 3 -IntervalMilliseconds 50 -Size 1472 6> $null
        $replies.IsIntact -join ' ' | Should -Be 'True True True'
    }

    It 'answers ping for hosts that do not exist' -Skip:$noPing {
        $responder = Start-PacketResponder -IcmpEcho -Address 10.77.0.0/24 -Filter icmp
        $output = (Invoke-LabCommand $place ping -c 3 -i 0.2 -s 1000 10.77.0.5).Output
        $output | Should -Match '3 received'
        $responder.Replied | Should -Be 3
    }

    It 'answers dig' -Skip:$noDig {
        $null = Start-PacketResponder -Dns @{ 'www.example.org' = '192.0.2.1', '2001:db8::1' } -Address 10.77.0.53
        (Invoke-LabCommand $place dig '@10.77.0.53' +short +tries=1 WWW.example.org A).Output.Trim() | Should -Be 192.0.2.1
        (Invoke-LabCommand $place dig '@10.77.0.53' +short +tries=1 www.example.org AAAA).Output.Trim() | Should -Be 2001:db8::1
        (Invoke-LabCommand $place dig '@10.77.0.53' +tries=1 no.example.org A).Output | Should -Match 'NXDOMAIN'
    }

    It 'refuses connections for hosts that do not exist, by script' {
        $null = Start-PacketResponder { $_.Tcp -and "$($_.IP.Destination)" -eq '10.77.0.9' } { New-PacketReply $_ -Reset }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        (Invoke-LabCommand $place nc -z -w 8 10.77.0.9 80).ExitCode | Should -Not -Be 0
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 7 -Because 'a reset comes at once'
    }
}

Describe 'Tracing a route through routers' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $routers = 1..4 | ForEach-Object { New-LabNamespace }
        foreach ($i in 0..2) {
            [TcpTools.Lab.LabNamespace]::Join($routers[$i], "10.8.$i.1/24", $routers[$i + 1], "10.8.$i.2/24", "veth$i")
            $null = Invoke-LabCommand $routers[$i] sysctl -qw net.ipv4.ip_forward=1
        }
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $routers[0].Name
        $null = Invoke-LabCommand $routers[0] ip route add 10.8.0.0/16 via 10.8.0.2
        $null = Invoke-LabCommand $routers[1] ip route add 10.8.2.0/24 via 10.8.1.2
        $null = Invoke-LabCommand $routers[1] ip route add 10.9.0.0/24 via 10.8.0.1
        $null = Invoke-LabCommand $routers[2] ip route add 10.9.0.0/24 via 10.8.1.1
        $null = Invoke-LabCommand $routers[3] ip route add default via 10.8.2.1
        $null = $routers | ForEach-Object { Invoke-LabCommand $_ sysctl -qw net.ipv4.icmp_ratelimit=0 }
    }

    AfterAll {
        Get-TcpStack | Stop-TcpStack -Force
        $routers | Remove-LabNamespace
    }

    # First, since the kernel tells a host about missing routes a few times only.
    It 'tells where there is no way on' {
        $hops = Trace-TcpRoute 10.8.77.1 -TimeoutSec 1 -MaxHops 6 -Queries 1
        $hops[-1].Reached, $hops[-1].IsLast | Should -Be $false, $true
        $hops[-1].Reason | Should -BeIn 'network unreachable', 'host unreachable', 'time exceeded'
    }

    It 'names each of them, with <_> probes' -ForEach Tcp, Udp, Icmp {
        $hops = Trace-TcpRoute 10.8.2.2 -Protocol $_ -TimeoutSec 2
        ($hops | ForEach-Object { "$($_.Hop) $($_.Address)" }) -join ', ' | Should -Be '1 10.9.0.1, 2 10.8.0.2, 3 10.8.1.2, 4 10.8.2.2'
        $hops.Reached -join ' ' | Should -Be 'False False False True'
        $hops.RoundTripTimes.Count | Should -Be 12
    }
}

Describe 'Probing over the host''s routes and its interfaces' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $near, $far = 1..2 | ForEach-Object { New-LabNamespace }
        Join-LabNamespace $near 10.8.0.1/24 $far 10.8.0.2/24
        $null = Start-LabServer $far 0.0.0.0 80

        # Runs a script in a shell of its own inside the near namespace.
        function Invoke-Near([string] $Script) {
            $result = Invoke-LabCommand $near pwsh -NoProfile -NonInteractive -Command "Import-Module '$ModuleManifest'; $Script"
            if ($result.ExitCode -ne 0) { throw "$($result.Output)$($result.Error)" }
            $result.Output.Trim() -replace '\s*\n\s*', ' '
        }
    }

    AfterAll { $near, $far | Remove-LabNamespace }

    It 'tries ports, pings and traces by the host''s routes' {
        Invoke-Near 'Test-TcpPort 10.8.0.2 79, 80, 81; Test-IcmpEcho 10.8.0.2; (Trace-TcpRoute 10.8.0.2).Reached; Test-TcpPort 127.0.0.1 80' |
            Should -Be 'False True False True True False'
    }

    It 'asks on an interface who has which address' {
        Invoke-Near '(New-EthernetFrame | New-ArpPacket 10.8.0.0/29 -Sender 10.8.0.1 | Invoke-PacketExchange -Link veth0 -TimeoutSec 1 |
            Where-Object Answered).Reply.Arp.SenderProtocol.ToString()' | Should -Be 10.8.0.2
    }

    It 'stands in for hosts that do not exist, for the kernel to ping' -Skip:$noPing {
        $process = Start-LabProcess $near pwsh -NoProfile -NonInteractive -Command "Import-Module '$ModuleManifest'
            `$null = Start-PacketResponder -Arp -Address 10.8.0.77 -Link veth0; `$null = Start-PacketResponder -IcmpEcho -Address 10.8.0.77 -Link veth0
            'ready'; [Threading.Thread]::Sleep(60000)"
        try {
            $end = [datetime]::UtcNow.AddSeconds(30)
            while ("$($process.Output)" -notmatch 'ready' -and [datetime]::UtcNow -lt $end) { [System.Threading.Thread]::Sleep(50) }
            (Invoke-LabCommand $far ping -c 2 -W 5 10.8.0.77).Output | Should -Match '2 received'
        }
        finally { $process.Dispose() }
    }
}
