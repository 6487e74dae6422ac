. $PSScriptRoot/common.ps1

Describe 'New-VlanTag and New-LlcHeader' {
    It 'stack tags' {
        $frame = New-EthernetFrame | New-VlanTag 100, 200, 300 -Priority 5, 1 -DropEligible | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001
        $tags = $frame.Layers.Where({ $_.Name -eq 'Vlan' })
        $tags.VlanId | Should -Be 100, 200, 300
        $tags.Priority | Should -Be 5, 1, 1
        $tags.TagProtocol | Should -Be 0x88A8, 0x88A8, 0x8100
        $tags.DropEligible | Should -Be $true, $true, $true
        $frame.Ethernet.EtherType | Should -Be 0x88A8
        $frame.Anomalies | Should -BeNullOrEmpty
        (New-VlanTag 1, 2 -TagProtocol 0x9100, 0x8100).Vlan.TagProtocol | Should -Be 0x9100
        (New-VlanTag 1 -EtherType 0x1234).Vlan.EtherType | Should -Be 0x1234
        Get-ErrorId { New-VlanTag 4096 } | Should -Be ParameterArgumentValidationError
    }

    It 'have a length field before LLC' {
        $frame = New-EthernetFrame | New-LlcHeader | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001
        $frame.Layers.Name | Should -Be Ethernet, LLC, SNAP, IP, UDP
        $frame.Ethernet.IsLength, $frame.Ethernet.EtherType | Should -Be $true, 36
        $frame.Layers[2].Protocol | Should -Be 0x0800
        (New-LlcHeader -Protocol 0x1234 -Organization 0x00000C).Layers[1].Protocol | Should -Be 0x1234
        $bridge = New-EthernetFrame | New-LlcHeader 0x42 -Data ([byte[]] (0, 0, 0))
        $bridge.Layers[1].Destination, $bridge.Layers[1].Source, $bridge.Ethernet.EtherType | Should -Be 0x42, 0x42, 6
    }
}

Describe 'New-GreHeader and New-MplsLabel' {
    It 'carry packets in packets' {
        $packet = New-IPPacket 192.0.2.1 192.0.2.2 | New-GreHeader 7 -Sequence 3 -WithChecksum | New-IPPacket 10.9.0.1 10.9.0.2 | New-IcmpMessage
        $gre = $packet.Layers[1]
        $gre.Key, $gre.Sequence, $gre.Protocol, $packet.IP.Protocol | Should -Be 7, 3, 0x0800, 47
        $packet.ToString() | Should -Match '^IP 192.0.2.2 > 192.0.2.1: GREv0, off 0x0, key=0x7, seq 3, length 44: IP 10.9.0.2 > 10.9.0.1: ICMP echo request'
        $packet.Anomalies | Should -BeNullOrEmpty
        (New-GreHeader -Checksum 0xBEEF).Layers[0].FixedFields | Should -Be Checksum
        $frame = (New-IPPacket 192.0.2.1) / (New-GreHeader) / (New-EthernetFrame) / (New-ArpPacket 10.9.0.1 10.9.0.2)
        $frame.Layers[1].Protocol | Should -Be 0x6558
    }

    It 'stack labels' {
        $frame = New-EthernetFrame | New-MplsLabel 100, 200 -TrafficClass 3 -TimeToLive 9 | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001
        $labels = $frame.Layers.Where({ $_.Name -eq 'MPLS' })
        $labels.Label | Should -Be 100, 200
        $labels.IsBottom | Should -Be $false, $true
        $frame.Ethernet.EtherType | Should -Be 0x8847
        (New-MplsLabel 5 -NoBottom).Layers[0].IsBottom | Should -BeFalse
        $labels | Format-Table | Out-String | Should -Match '200 +3 True +9'
        Get-ErrorId { New-MplsLabel 1048576 } | Should -Be ParameterArgumentValidationError
    }
}

Describe 'ConvertFrom-PacketBytes with the starts of captures' {
    It 'takes <Start> apart' -ForEach @(
        @{ Start = 'LinuxCooked'; Hex = '0000000100060200000000010000 0800' }
        @{ Start = 'LinuxCooked2'; Hex = '0800000000000001000100060200000000010000' }
        @{ Start = 'Null'; Hex = '02000000' }
        @{ Start = 'Loop'; Hex = '00000002' }
        @{ Start = 'Ppp'; Hex = 'ff030021' }
        @{ Start = 'Fddi'; Hex = '50020000000001020000000002aaaa030000000800' }
        @{ Start = 'TokenRing'; Hex = '1040020000000001020000000002aaaa030000000800' }
        @{ Start = 'Ieee80211'; Hex = '080200000200000000010200000000020200000000030000aaaa030000000800' }
    ) {
        $inside = New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001 -Data hello | ConvertTo-PacketBytes -AsHex
        $packet = ConvertFrom-PacketBytes ($Hex + $inside) -Start $Start
        $packet.Udp.DestinationPort, $packet.Payload.Text | Should -Be 5000, hello
        $packet.Anomalies | Should -BeNullOrEmpty
        $packet.Start | Should -Be $Start
        $packet | ConvertTo-PacketBytes -AsHex | Should -Be (($Hex -replace ' ') + $inside)
        $packet.Layers[0] | Format-Table | Out-String | Should -Not -BeNullOrEmpty
    }
}

Describe 'ConvertTo-PacketScript with layers beside IP' {
    It 'writes what makes the same packet: <Name>' -ForEach @(
        @{ Name = 'tags'; Packet = { New-EthernetFrame | New-VlanTag 100, 200 | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001 } }
        @{ Name = 'LLC'; Packet = { New-EthernetFrame | New-LlcHeader | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001 } }
        @{ Name = 'GRE'; Packet = { New-IPPacket 10.9.0.1 10.9.0.2 | New-GreHeader 7 -Sequence 3 -WithChecksum | New-IPPacket 10.9.0.3 10.9.0.4 | New-UdpDatagram 5000 5001 } }
        @{ Name = 'labels'; Packet = { New-EthernetFrame | New-MplsLabel 16, 17 | New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5000 5001 } }
        @{ Name = 'a question'; Packet = { New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 53 5001 | New-DnsMessage example.org AAAA -DnssecOk } }
        @{ Name = 'an answer'; Packet = {
                New-IPPacket 10.9.0.1 10.9.0.2 | New-UdpDatagram 5001 53 |
                    New-DnsMessage example.org -Response -Answer 'example.org 60 A 192.0.2.1', 'example.org TXT "it''s \"so\""', 'example.org TYPE731 \# 2 abcd' } }
    ) {
        $made = & $Packet
        $script = $made | ConvertTo-PacketBytes | ConvertFrom-PacketBytes -Start $made.Start | ConvertTo-PacketScript
        $script | Should -Not -Match 'FromHexString|ConvertFrom-PacketBytes'
        & ([scriptblock]::Create($script)) | ConvertTo-PacketBytes -AsHex | Should -Be ($made | ConvertTo-PacketBytes -AsHex)
    }
}
