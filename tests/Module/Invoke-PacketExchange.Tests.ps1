. $PSScriptRoot/common.ps1

Describe 'Invoke-PacketExchange' {
    BeforeAll {
        function New-Echo([uint16[]] $Sequence) {
            $Sequence | ForEach-Object { New-IPPacket 10.7.0.2 10.7.0.1 | New-IcmpMessage -Sequence $_ }
        }
    }

    AfterEach { Remove-TestStack }

    It 'gives the answer and its time, in <Kind> time' -ForEach @(@{ Kind = 'real' }, @{ Kind = 'simulated' }) {
        $pair = New-TestPair -Threaded:($Kind -eq 'real')
        $null = Start-TcpListener 80 -Stack $pair.Server
        $probe = New-IPPacket 10.7.0.2 10.7.0.1 | New-TcpSegment 80 -Flags Syn -Sequence 99
        $result = $probe | Invoke-PacketExchange -First
        $result.Answered, $result.IsError | Should -Be $true, $false
        $result.Reply.Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Syn, Ack')
        $result.Reply.Tcp.Acknowledgment | Should -Be 100
        $result.Probe | Should -Be $probe
        $result.RoundTripTime.TotalSeconds | Should -BeGreaterOrEqual 0
        $result.Reply.Timestamp | Should -Not -BeNullOrEmpty
        "$($result.ReceivedFrom)" | Should -Be 10.7.0.2
    }

    It 'tells open, closed and unreachable ports, to SYN, ACK, null, FIN and Xmas probes' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack $pair.Server
        $head = New-IPPacket 10.7.0.2 10.7.0.1
        $results = $(
            $head | New-TcpSegment 80 -Flags Syn
            $head | New-TcpSegment 81 -Flags Syn
            $head | New-TcpSegment 81 -Flags Ack -Acknowledgment 77
            $head | New-TcpSegment 81 -Flags 0
            $head | New-TcpSegment 81 -Flags Fin
            $head | New-TcpSegment 81 -Flags Fin, Psh, Urg
            $head | New-TcpSegment 80 -Flags Fin
            $head | New-UdpDatagram 999
        ) | Invoke-PacketExchange -TimeoutSec 1
        ($results | Sort-Object Number | ForEach-Object { $_.Answered ? ($_.Reply.Tcp ? "$($_.Reply.Tcp.Flags)" : 'icmp') : '-' }) -join '; ' |
            Should -Be 'Syn, Ack; Rst, Ack; Rst; Rst, Ack; Rst, Ack; Rst, Ack; -; icmp'
        ($results | Where-Object IsError).Reply.Icmp.Type | Should -Be 3
    }

    It 'sends again what was lost, and at last gives up' {
        $pair = New-TestPair -Wire @{ Loss = 0.3; Delay = '5ms' }
        $results = New-Echo (1..50) | Invoke-PacketExchange -TimeoutSec 0.1 -Retry 20
        @($results | Where-Object Answered).Count | Should -Be 50
        ($results | Measure-Object Attempts -Maximum).Maximum | Should -BeGreaterThan 1
        $none = New-IPPacket 10.7.0.3 10.7.0.1 | New-IcmpMessage | Invoke-PacketExchange -TimeoutSec 0.1 -Retry 2
        $none.Answered, $none.Attempts | Should -Be $false, 3
        $none.Reply | Should -BeNullOrEmpty
        (New-IPPacket 10.7.0.3 10.7.0.1 | New-IcmpMessage | Invoke-PacketExchange -TimeoutSec 0.1 -Retry -2).Attempts | Should -Be 3
    }

    It 'keeps a pace' {
        $pair = New-TestPair
        $results = New-Echo (1..10) | Invoke-PacketExchange -IntervalMilliseconds 20
        ($results[9].Sent - $results[0].Sent).TotalMilliseconds | Should -Be 180
        $results = New-Echo (1..101) | Invoke-PacketExchange -Rate 1000
        ($results[100].Sent - $results[0].Sent).TotalMilliseconds | Should -BeGreaterOrEqual 99.9
    }

    It 'repeats, and tells how much was answered' {
        $pair = New-TestPair
        $results = New-Echo 1, 2 | Invoke-PacketExchange -Repeat -Count 3 -IntervalMilliseconds 100 -InformationVariable said 6> $null
        $results.Round -join ' ' | Should -Be '1 1 2 2 3 3'
        ($results[4].Sent - $results[0].Sent).TotalMilliseconds | Should -Be 200
        "$said" | Should -Be '6 packets sent, 6 answered, 100 % of them.'
    }

    It 'ends when it has what it wants' {
        $pair = New-TestPair
        @(New-Echo (1..50) | Invoke-PacketExchange -First).Count | Should -Be 1
        @(New-Echo (1..50) | Invoke-PacketExchange -Until { $_.Reply.Icmp.Sequence -eq 7 })[-1].Number | Should -Be 7
        @(New-Echo (1..50) | Invoke-PacketExchange | Select-Object -First 3).Count | Should -Be 3
    }

    It 'writes every answer when asked to' {
        $pair = New-TestPair -Wire @{ Duplicate = 1 }
        (New-Echo 1 | Invoke-PacketExchange -Multi -TimeoutSec 0.5).ReplyNumber -join ' ' | Should -Be '1 2 3 4'
        @(New-Echo 1 | Invoke-PacketExchange -TimeoutSec 0.5).Count | Should -Be 1
    }

    It 'finds the answers among recorded packets' {
        $request = New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 53 4000
        $reply = New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram 4000 53
        $other = New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 54 4000
        $results = $request, $other, $reply | Invoke-PacketExchange -Offline
        $results.Answered -join ' ' | Should -Be 'True False'
        $results[0].Reply | Should -Be $reply
    }

    It 'reads only what passes the filter' {
        $pair = New-TestPair
        (New-Echo 1 | Invoke-PacketExchange -Filter tcp -TimeoutSec 0.1).Answered | Should -BeFalse
    }

    It 'goes on after what cannot be sent' {
        $wire = New-PacketWire
        $server = Start-TcpStack 10.7.0.2/24 -Link $wire.A -Virtual
        $large = New-IPPacket 10.7.0.2 10.7.0.1 -Data ([byte[]]::new(2000))
        $results = @($large; New-Echo 1) | Invoke-PacketExchange -Link $wire.B -ErrorVariable problems -ErrorAction SilentlyContinue
        $results.Answered | Should -Be $true
        $problems[0].TargetObject | Should -Be $large
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'InvalidFilter'; Case = 'no filter'; Script = { New-IPPacket 10.0.0.1 | Invoke-PacketExchange -Link (New-PacketWire).A -Filter 'prt 1' } }
        @{ Id = 'InvalidArgument'; Case = 'endless waiting with repetition'; Script = { New-IPPacket 10.0.0.1 | Invoke-PacketExchange -Link (New-PacketWire).A -TimeoutSec -1 -Retry 1 } }
        @{ Id = 'InvalidArgument'; Case = 'a stack that nobody moves'; Script = { New-IPPacket 10.0.0.1 | Invoke-PacketExchange -Stack (Start-TcpStack 10.4.0.1/24 -Link (New-PacketWire).A -Manual) } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'ends within 100 ms by Ctrl+C' {
        $wire = New-PacketWire
        Measure-Stop 'param($l) New-IPPacket 10.0.0.1 | Invoke-PacketExchange -Link $l -TimeoutSec -1' $wire.A | Should -BeLessThan 100
        Measure-Stop 'param($l) New-IPPacket 10.0.0.1 | Invoke-PacketExchange -Link $l -TimeoutSec 0.01 -Repeat 6> $null' $wire.A | Should -BeLessThan 100
    }
}
