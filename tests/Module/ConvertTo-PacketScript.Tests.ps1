. $PSScriptRoot/common.ps1

Describe 'ConvertTo-PacketScript' {
    It 'writes what makes the same bytes: <_>' -ForEach @(
        'New-IPPacket 10.0.0.2 10.0.0.1'
        'New-EthernetFrame 02:00:00:00:00:01 02:00:00:00:00:02 -VlanId 7 | New-IPPacket 10.0.0.2 | New-UdpDatagram 53 4000 -Data "it''s`$5"'
        'New-IPPacket 10.0.0.2 -Option "rr 2", "lsrr 10.0.0.3", ra | New-TcpSegment 80 -Flags SAEC -Option "mss 1460", "sack {1:5}", "unknown-77 0x01" -Data "GET /`r`n"'
        'New-IPPacket 10.0.0.2 -Checksum 1 -TotalLength 9 -HeaderLength 24 -Protocol 99 -MoreFragments -FragmentOffset 64 -Data ([byte[]] (0..255))'
        'New-IPPacket 10.0.0.1 | New-IcmpMessage 3 4 -NextHopMtu 1400 -Quoted (New-IPPacket 10.0.0.2 | New-TcpSegment 80 -Option "mss 536")'
        'New-EthernetFrame | New-ArpPacket 10.0.0.1 10.0.0.2 -Reply -SenderHardware 02:00:00:00:00:02'
        'New-IPPacket 2001:db8::1 2001:db8::2 -FlowLabel 5 -HopLimit 9 | New-IPv6Extension HopByHop -Option "RouterAlert 0" | New-IPv6Extension Routing -RoutingType 0 -Address 2001:db8::a | New-TcpSegment'
        'New-IPPacket 10.0.0.2 | New-IPPacket 10.0.0.3 | New-UdpDatagram -Length 9 -Checksum 0'
        'New-TcpSegment 80 -DataOffset 60 -UrgentPointer 5 -Window 0'
        'New-UdpDatagram -Data x'
        '[TcpTools.Packets.PayloadLayer]::new("only data") | ConvertTo-PacketBytes | ForEach-Object { ConvertFrom-PacketBytes $_ }'
        'ConvertFrom-PacketBytes "0x"'
    ) {
        $packet = Invoke-Expression $_
        $script = $packet | ConvertTo-PacketScript
        $again = Invoke-Expression $script
        ($again | ConvertTo-PacketBytes -AsHex) | Should -Be ($packet | ConvertTo-PacketBytes -AsHex) -Because $script
    }

    It 'writes what makes the same bytes, whatever was done to them' {
        $random = [Random]::new(5)
        $seeds = @(
            New-EthernetFrame -VlanId 3 | New-IPPacket 10.0.0.2 10.0.0.1 -Option 'rr 2' | New-TcpSegment 80 -Option 'mss 1460', sackOK, 'TS val 1 ecr 2' -Data hello
            New-EthernetFrame | New-IPPacket 2001:db8::1 2001:db8::2 | New-IPv6Extension HopByHop -Option 'Jumbo 9' | New-UdpDatagram 53 -Data question
            New-EthernetFrame | New-IPPacket 10.0.0.1 | New-IcmpMessage 11 0 -Quoted (New-IPPacket 10.0.0.2 | New-UdpDatagram -Data '12345678')
            New-EthernetFrame | New-ArpPacket 10.0.0.1 10.0.0.2
        )
        foreach ($i in 1..150) {
            $bytes = $seeds[$random.Next($seeds.Count)] | ConvertTo-PacketBytes
            foreach ($j in 0..$random.Next(4)) { $bytes[$random.Next($bytes.Length)] = $random.Next(256) }
            if ($random.Next(3) -eq 0) { $bytes = $bytes[0..$random.Next($bytes.Length)] }
            if ($random.Next(4) -eq 0) { $bytes += [byte[]] (0, 0, 7) }
            $packet = ConvertFrom-PacketBytes ([byte[]] $bytes) -Start Ethernet
            $script = $packet | ConvertTo-PacketScript
            $again = Invoke-Expression $script
            ($again | ConvertTo-PacketBytes -AsHex) | Should -Be ([Convert]::ToHexString($bytes)) -Because $script
        }
    }

    It 'prefers cmdlets and words' {
        New-IPPacket 10.0.0.2 10.0.0.1 -TimeToLive 9 | New-TcpSegment 80 4000 -Flags SA -Data hello | ConvertTo-PacketScript |
            Should -Be "New-IPPacket 10.0.0.2 10.0.0.1 -TimeToLive 9 |`n    New-TcpSegment 80 4000 -Flags 'Syn,Ack' -Data 'hello'"
    }
}
