. $PSScriptRoot/common.ps1

# Raw packets on the kernel's interfaces: a shell inside a namespace sends and receives, the kernel at the other end judges.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: raw packets on interfaces: $obstacle" }
    $noDump = $obstacle -or -not (Test-LabCommand tcpdump)
}

BeforeAll { . $PSScriptRoot/conditions.ps1 }

Describe 'Raw packets on the interfaces of the kernel' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        $near = New-LabNamespace
        $far = New-LabNamespace
        Join-LabNamespace $near 10.8.0.1/24 $far 10.8.0.2/24

        # What a script prints in a shell of its own inside the near namespace.
        function Invoke-Inside([string] $Script) {
            $text = "Set-StrictMode -Version 3; `$ErrorActionPreference = 'Stop'; Import-Module '$ModuleManifest'`n$Script"
            $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
            $result = Invoke-LabCommand $near (Get-Process -Id $PID).Path -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded
            $result.Error | Should -BeNullOrEmpty
            $result.Output.Trim() -split '\r?\n'
        }
    }

    AfterAll { $near, $far | Remove-LabNamespace }

    It 'go to their destination with the source of their route, and the answers come back' {
        Invoke-Inside @'
            $answers = New-IPPacket 10.8.0.2 | New-IcmpMessage -Sequence 3 | Invoke-PacketExchange
            $answers.Reply.Icmp.Type, $answers.Reply.Icmp.Sequence
            "$($answers.Reply.IP.Destination)"
            $local = New-IPPacket 127.0.0.1 | New-IcmpMessage -Sequence 4 | Invoke-PacketExchange
            $local.Reply.Icmp.Sequence
'@ | Should -Be '0', '3', '10.8.0.1', '4'
    }

    It 'are seen once, with what the filter lets pass, until Select-Object has enough' {
        Invoke-Inside @'
            $job = Start-ThreadJob { ping -c 20 -i 0.05 10.8.0.2 }
            $seen = Receive-RawPacket veth0 -Filter 'icmp' -Count 0 -TimeoutSec 10 | Select-Object -First 4
            $seen.Count
            "$($seen[0].Interface) $($seen[0].Direction) $($seen[1].Direction)"
            $some = Receive-RawPacket veth0 -Filter 'icmp' -TimeoutSec 10 -Direction Incoming -Until { $_.Icmp.Sequence -ge 8 }
            ($some.Direction | Sort-Object -Unique) -join ','
            $some[-1].Icmp.Sequence -in 8..12
            $null = $job | Wait-Job
            @(Receive-RawPacket lo, veth0 -All -TimeoutSec 0.1 -Filter 'tcp port 9').Count
'@ | Should -Be '4', 'veth0 Outgoing Incoming', 'Incoming', 'True', '0'
    }

    It 'are seen once on the loopback device, also where all interfaces are watched' {
        Invoke-Inside @'
            ip link set lo up
            $job = Start-ThreadJob { ping -c 3 -i 0.3 127.0.0.1 }
            $seen = Receive-RawPacket -Filter icmp -Count 4 -TimeoutSec 10
            ($seen | ForEach-Object { "$($_.Direction) $($_.Icmp.Type)" }) -join ', '
            $null = $job | Wait-Job
'@ | Should -Be 'Incoming 8, Incoming 0, Incoming 8, Incoming 0'
    }

    It 'leave at the rate that was asked for, also the recorded one' {
        $lines = Invoke-Inside @'
            $packet = New-IPPacket 10.8.0.2 | New-UdpDatagram 9
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $packet | Send-RawPacket -Link veth0 -Count 400 -Rate 1000
            $clock.Elapsed.TotalMilliseconds
            $clock.Restart()
            $packet | Send-RawPacket -Count 11 -IntervalMilliseconds 20
            $clock.Elapsed.TotalMilliseconds
            $recorded = 0, 100, 150, 300 | ForEach-Object { $p = $packet | Copy-Packet; $p.Timestamp = [DateTimeOffset]::UnixEpoch.AddMilliseconds($_); $p }
            $clock.Restart()
            $recorded | Send-RawPacket -Realtime
            $clock.Elapsed.TotalMilliseconds
            $clock.Restart()
            $recorded | Send-RawPacket -Realtime -Speed 3
            $clock.Elapsed.TotalMilliseconds
'@.Replace('$packet | Copy-Packet', '$packet.Copy()')
        [double] $lines[0] | Should -BeGreaterThan 398
        [double] $lines[0] | Should -BeLessThan 1500
        [double] $lines[1] | Should -BeGreaterThan 199
        [double] $lines[1] | Should -BeLessThan 700
        [double] $lines[2] | Should -BeGreaterThan 299
        [double] $lines[3] | Should -BeGreaterThan 99
        [double] $lines[3] | Should -BeLessThan ([double] $lines[2])
    }

    It 'reach the other end byte for byte, as tcpdump there sees them' -Skip:$noDump {
        $dump = Start-LabProcess $far tcpdump -i veth0 -n -U -l --immediate-mode 'udp port 7777'
        try {
            [TcpTools.Lab.Tool]::Until({ $dump.Error -match 'listening' }, [timespan]::FromSeconds(10)) | Should -BeTrue
            $null = Invoke-Inside "1..50 | ForEach-Object { New-IPPacket 10.8.0.2 10.8.0.1 | New-UdpDatagram 7777 4000 -Data ('x' * `$_) } | Send-RawPacket -Link veth0"
            [TcpTools.Lab.Tool]::Until({ $dump.Output -match 'length 50\b' }, [timespan]::FromSeconds(10)) | Should -BeTrue
            ([regex]::Matches($dump.Output, 'UDP, length (\d+)') | ForEach-Object { $_.Groups[1].Value }) -join ',' | Should -Be ((1..50) -join ',')
        }
        finally { $dump.Dispose() }
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Id = 'NoRoute'; Case = 'no route'; Script = 'New-IPPacket 192.0.2.1 | Send-RawPacket' }
        @{ Id = 'Unreachable'; Case = 'a neighbour that is not there'; Script = 'New-IPPacket 10.8.0.99 | Send-RawPacket' }
        @{ Id = 'InvalidArgument'; Case = 'two ways to say how fast'; Script = 'New-IPPacket 10.8.0.2 | Send-RawPacket -Rate 5 -Realtime' }
        @{ Id = 'InvalidArgument'; Case = 'frames that start differently'; Script = 'Receive-RawPacket veth0, (New-PacketWire).A' }
    ) {
        Invoke-Inside "try { $Script } catch { (`$_.FullyQualifiedErrorId -split ',')[0] }" | Should -Be $Id
    }

    It 'leave no promiscuous mode behind, and end at once by Ctrl+C' {
        Invoke-Inside @'
            . ./tests/Module/common.ps1
            $stop = Measure-Stop "Receive-RawPacket veth0 -Promiscuous -TimeoutSec -1 -Filter 'tcp port 9'"
            $stop -lt 100 ? $true : $stop
            $null = [Threading.SpinWait]::SpinUntil({ -not (Get-PacketLink veth0).IsPromiscuous }, 2000)
            (Get-PacketLink veth0).IsPromiscuous
            (Measure-Stop "New-IPPacket 10.8.0.2 | New-UdpDatagram 9 | Send-RawPacket -Count 0 -Rate 10") -lt 100
'@.Replace('./tests/Module', $PSScriptRoot) | Should -Be 'True', 'False', 'True'
    }
}
