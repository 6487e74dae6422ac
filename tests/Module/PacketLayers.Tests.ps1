. $PSScriptRoot/common.ps1

Describe 'New-EthernetFrame, New-UdpDatagram, New-IcmpMessage and New-ArpPacket' {
    It 'build layers that fit each other' {
        $frame = New-EthernetFrame 02:00:00:00:00:01 02-00-00-00-00-02 -VlanId 7 |
            New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 53 4000 -Data ([byte[]] (1, 2, 3))
        $frame.Ethernet.EtherType, $frame.Vlan.EtherType, $frame.IP.Protocol, $frame.Udp.Length | Should -Be 0x8100, 0x0800, 17, 11
        $frame.Anomalies | Should -BeNullOrEmpty
        $frame.Payload.Data | Should -Be 1, 2, 3
    }

    It 'build echoes, errors with quotations, and ARP' {
        $echo = New-IPPacket 10.0.0.2 10.0.0.1 | New-IcmpMessage -Identifier 7 -Sequence 9 -Data ping
        $echo.Icmp.Type, $echo.Icmp.Identifier, $echo.Icmp.Sequence | Should -Be 8, 7, 9
        $problem = New-IPPacket 10.0.0.1 10.0.0.2 | New-IcmpMessage 3 4 -NextHopMtu 1400 -Quoted $echo
        $problem.Icmp.NextHopMtu | Should -Be 1400
        $problem.Icmp.Quoted.Icmp.Identifier | Should -Be 7
        $arp = New-EthernetFrame | New-ArpPacket 10.0.0.1 10.0.0.2 -SenderHardware 02:00:00:00:00:02
        $arp.ToString() | Should -Match 'who-has 10.0.0.1 tell 10.0.0.2'
        $arp.Anomalies + $problem.Anomalies + $echo.Anomalies | Should -BeNullOrEmpty
        (New-ArpPacket 10.0.0.1 10.0.0.2 -Reply).Arp.Operation | Should -Be 2
        Get-ErrorId { New-EthernetFrame nonsense } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-UdpDatagram 53 -Data (Get-Date) } | Should -Be InvalidArgument
    }
}
