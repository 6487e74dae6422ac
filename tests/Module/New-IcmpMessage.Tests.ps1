. $PSScriptRoot/common.ps1

Describe 'New-IcmpMessage' {
    It 'is of the version of the packet around it' {
        $echo = New-IPPacket 2001:db8::1 2001:db8::2 | New-IcmpMessage -Identifier 7 -Sequence 9 -Data ping
        $echo.Icmpv6.Type, $echo.Icmpv6.Identifier, $echo.IPv6.NextHeader | Should -Be 128, 7, 58
        $echo.Anomalies | Should -BeNullOrEmpty
        (New-IPPacket 10.0.0.1 | New-IcmpMessage EchoReply).Icmp.Type | Should -Be 0
        (New-IPPacket 2001:db8::1 | New-IcmpMessage EchoReply).Icmpv6.Type | Should -Be 129
        (New-IcmpMessage TimeExceeded -Version 6).Icmpv6.Type | Should -Be 3
    }

    It 'makes errors with quotations, names of types and codes, and extensions' {
        $lost = New-IPPacket 10.0.0.1 10.0.0.2 | New-UdpDatagram 53 4000
        $error4 = New-IPPacket 10.0.0.2 10.0.0.1 | New-IcmpMessage DestinationUnreachable PortUnreachable -Quoted $lost
        $error4.Icmp.Code, $error4.Icmp.Quoted.Udp.SourcePort | Should -Be 3, 4000
        $hop = New-IPPacket 10.0.0.2 10.0.0.1 | New-IcmpMessage TimeExceeded -Quoted $lost -Extension 'mpls 16005 tc 3 ttl 1, 17', 'object 9/1 0x0102'
        $hop.Icmp.Extensions[0].Labels.Label | Should -Be 16005, 17
        $hop.Icmp.Extensions[0].Labels.IsBottom | Should -Be $false, $true
        $hop.Icmp.Extensions[1].Class | Should -Be 9
        $hop.Anomalies | Should -BeNullOrEmpty
        $big = New-IPPacket ::1 | New-IcmpMessage PacketTooBig -Mtu 70000 -Quoted (New-IPPacket ::1 | New-TcpSegment)
        $big.Icmpv6.Mtu, $big.Icmpv6.Quoted.Tcp.DestinationPort | Should -Be 70000, 80
        (New-IPPacket 10.0.0.1 | New-IcmpMessage Redirect -Gateway 10.0.0.254).Icmp.Gateway.ToString() | Should -Be 10.0.0.254
        (New-IPPacket 10.0.0.1 | New-IcmpMessage ParameterProblem -Pointer 9).Icmp.Pointer | Should -Be 9
    }

    It 'makes neighbor discovery' {
        $ask = New-IPPacket ff02::1:ff00:1 fe80::2 -HopLimit 255 | New-IcmpMessage NeighborSolicitation -Target fe80::1 -SourceHardware 02:00:00:00:00:02
        $ask.Icmpv6.Target.ToString(), $ask.Icmpv6.Options[0].Address.ToString() | Should -Be fe80::1, 02:00:00:00:00:02
        $answer = New-IPPacket fe80::2 fe80::1 -HopLimit 255 |
            New-IcmpMessage NeighborAdvertisement -Target fe80::1 -NeighborFlag Solicited, Override -TargetHardware 02:00:00:00:00:01
        $answer.Icmpv6.IsSolicited, $answer.Icmpv6.IsOverride, $answer.Icmpv6.IsRouter | Should -Be $true, $true, $false
        $answer.Icmpv6.Options[0].IsOfTarget | Should -BeTrue
        $ask.Anomalies + $answer.Anomalies | Should -BeNullOrEmpty
        (New-IPPacket ff02::1 | New-IcmpMessage NeighborSolicitation -Target 2001:db8::/126).Count | Should -Be 4
    }

    It 'says what belongs to the other version' {
        Get-ErrorId { New-IPPacket 10.0.0.1 | New-IcmpMessage -Target fe80::1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket ::1 | New-IcmpMessage -Gateway 10.0.0.1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 | New-IcmpMessage 3 4 -Mtu 70000 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket ::1 | New-IcmpMessage PortUnreachable } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 | New-IcmpMessage 11 -Extension 'mpls x' } | Should -Be ParameterArgumentTransformationError
        Get-Completion 'New-IcmpMessage Neighbor' | Should -Contain NeighborSolicitation
    }
}
