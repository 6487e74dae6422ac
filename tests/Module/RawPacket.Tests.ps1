. $PSScriptRoot/common.ps1

Describe 'Send-RawPacket and Receive-RawPacket' {
    AfterEach { Remove-TestStack }

    It 'talk to a stack from the other end of its wire, in <Kind> time' -ForEach @(@{ Kind = 'real' }, @{ Kind = 'simulated' }) {
        $wire = New-PacketWire
        $stack = Start-TcpStack 10.4.0.1/24 -Link $wire.A -Virtual:($Kind -eq 'simulated')
        $null = Start-TcpListener 80
        New-IPPacket 10.4.0.1 10.4.0.9 | New-TcpSegment 80 4000 -Flags Syn -Sequence 1000 | Send-RawPacket -Link $wire.B
        $answer = Receive-RawPacket -Link $wire.B
        $answer.Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Syn, Ack')
        $answer.Tcp.Acknowledgment | Should -Be 1001
        $answer.Anomalies | Should -BeNullOrEmpty
        $answer.Timestamp | Should -Not -BeNullOrEmpty
        New-IPPacket 10.4.0.1 10.4.0.9 | New-TcpSegment 80 4000 -Flags A -Sequence 1001 -Acknowledgment $answer.Tcp.NextSequence |
            Send-RawPacket -Link $wire.B
        (Receive-TcpSession).State | Should -Be Established
    }

    It 'see the answer to what was sent over a stack' {
        $pair = New-TestPair -Threaded
        New-IPPacket $pair.Address | New-IcmpMessage -Identifier 5 -Data ping | Send-RawPacket
        $answer = Receive-RawPacket
        $answer.Icmp.Type, $answer.Icmp.Identifier, $answer.Payload.Text | Should -Be 0, 5, ping
    }

    It 'take several, all, and bytes' {
        $wire = New-PacketWire
        New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram 9 | Send-RawPacket -Link $wire.A -Count 5
        @(Receive-RawPacket -Link $wire.B -Count 2).Count | Should -Be 2
        $rest = @(Receive-RawPacket -Link $wire.B -All -AsBytes)
        $rest.Count | Should -Be 3
        $rest[0].Length | Should -Be 28
        Receive-RawPacket -Link $wire.B -All -TimeoutSec 0 | Should -BeNullOrEmpty
    }

    It 'show the packet and do not send it with -WhatIf' {
        $wire = New-PacketWire
        New-IPPacket 10.0.0.1 10.0.0.2 | Send-RawPacket -Link $wire.A -WhatIf
        Receive-RawPacket -Link $wire.B -All -TimeoutSec 0 | Should -BeNullOrEmpty
    }

    It 'keep what passes a filter, and take what -Link names by position' {
        $wire = New-PacketWire
        53, 80, 53 | ForEach-Object { New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram $_ | Send-RawPacket -Link $wire.A }
        @(Receive-RawPacket $wire.B -All -Filter 'udp dst port 53').Count | Should -Be 2
        $pair = New-TestPair
        New-IPPacket $pair.Address | New-IcmpMessage -Data ping | Send-RawPacket -Link $pair.Client
        (Receive-RawPacket $pair.Client -Filter icmp).Payload.Text | Should -Be ping
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Id = 'NoInterface'; Case = 'no such interface'; Script = { Receive-RawPacket nothing0 } }
        @{ Id = 'InvalidFilter'; Case = 'no filter'; Script = { Receive-RawPacket (New-PacketWire).A -Filter 'tcp prt 80' } }
        @{ Id = 'InvalidArgument'; Case = 'a stack and a link'; Script = { $pair = New-TestPair; Receive-RawPacket (New-PacketWire).A -Stack $pair.Client } }
        @{ Id = 'TimedOut'; Case = 'nothing arriving'; Script = { Receive-RawPacket -Link (New-PacketWire).A -TimeoutSec 0.05 } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a wrong type in the pipeline'; Script = { Get-Date | Send-RawPacket -Link (New-PacketWire).A } }
        @{ Id = 'InvalidArgument'; Case = 'a packet beyond the MTU'; Script = { New-IPPacket 10.0.0.1 -Data ([byte[]]::new(2000)) | Send-RawPacket -Link (New-PacketWire).A } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'end within 100 ms by Ctrl+C' {
        $pair = New-TestPair -Threaded
        $wire = New-PacketWire
        Measure-Stop 'param($l) Receive-RawPacket -Link $l -TimeoutSec -1' $wire.A | Should -BeLessThan 100
        Measure-Stop 'param($s) Receive-RawPacket -Stack $s -TimeoutSec -1' $pair.Client | Should -BeLessThan 100
    }
}
