. $PSScriptRoot/common.ps1

Describe 'New-IPPacket' {
    It 'computes what is not set' {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 -TimeToLive 9 -DontFragment | New-TcpSegment 80 -Data 'hello'
        $packet.IP.TotalLength, $packet.IP.Protocol, $packet.IP.TimeToLive | Should -Be 45, 6, 9
        $packet.IP.DontFragment | Should -BeTrue
        $packet.Anomalies | Should -BeNullOrEmpty
    }

    It 'keeps what is set, wrong on purpose included' {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 -Checksum 0xBEEF -TotalLength 99 -Protocol 17 | New-TcpSegment 80
        $copy = ConvertFrom-PacketBytes ($packet | ConvertTo-PacketBytes)
        $copy.IP.Checksum, $copy.IP.TotalLength, $copy.IP.Protocol | Should -Be 0xBEEF, 99, 17
        $packet.Anomalies.Kind | Should -Contain BadChecksum
        $packet.IP.Checksum = $null
        $packet.Anomalies.Kind | Should -Not -Contain BadChecksum
    }

    It 'comes from the default stack, where there is one' {
        $null = New-TestPair
        (New-IPPacket 10.7.0.2).IP.Source.ToString() | Should -Be 10.7.0.1
        Remove-TestStack
    }

    It 'reports what is no address' {
        Get-ErrorId { New-IPPacket 10.0.0 } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-IPPacket ::1 } | Should -Be InvalidArgument
    }
}

Describe 'New-TcpSegment' {
    It 'takes flags as <Flags>' -ForEach @(
        @{ Flags = 'SA' }, @{ Flags = 'Syn,Ack' }, @{ Flags = 'SYN|ACK' }, @{ Flags = 0x12 }, @{ Flags = 18 }
        @{ Flags = 'Syn', 'Ack' }, @{ Flags = [TcpTools.Wire.TcpFlags] 'Syn, Ack' }
    ) {
        (New-TcpSegment 80 -Flags $Flags).Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Syn, Ack')
    }

    It 'takes options as tcpdump prints them' {
        $segment = New-TcpSegment 80 -Option 'mss 1460', 'sackOK', 'TS val 1 ecr 0', 'nop', 'wscale 7'
        $segment.Tcp.Options -join ',' | Should -Be 'mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7'
        $segment.Tcp.DataOffset | Should -Be 40
        (New-TcpSegment 80 -Option 'unknown-77 0x0102').Tcp.Options[0].Kind | Should -Be 77
        Get-ErrorId { New-TcpSegment 80 -Option 'mss many' } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-TcpSegment 80 -Flags XYZ } | Should -Be ParameterArgumentTransformationError
    }

    It 'composes by pipe and by operator alike' {
        $piped = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 -Data 'GET /'
        $divided = (New-IPPacket 10.0.0.2 10.0.0.1) / (New-TcpSegment 80) / 'GET /'
        ConvertTo-PacketBytes $piped -AsHex | Should -Be (ConvertTo-PacketBytes $divided -AsHex)
        $piped.Payload.Text | Should -Be 'GET /'
    }

    It 'leaves the packet that was piped in as it was' {
        $ip = New-IPPacket 10.0.0.2
        $null = $ip | New-TcpSegment 80
        $ip.Layers.Count | Should -Be 1
    }

    It 'takes the whole range of numbers' {
        $tcp = (New-TcpSegment 65535 0 -Sequence 4294967295 -Acknowledgment 4294967295 -Window 65535 -UrgentPointer 65535).Tcp
        $tcp.Sequence, $tcp.Acknowledgment, $tcp.Window, $tcp.UrgentPointer | Should -Be 4294967295, 4294967295, 65535, 65535
    }

    It 'completes flags and options' {
        Get-Completion 'New-TcpSegment -Flags S' | Should -Contain Syn
        Get-Completion 'New-TcpSegment -Option m' | Should -Contain "'mss 1460'"
    }

    It 'survives Export-Clixml readably' {
        $path = Join-Path $TestDrive packet.xml
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80
        $packet | Export-Clixml $path
        $copy = Import-Clixml $path
        $copy.Line | Should -Be $packet.ToString()
        (ConvertFrom-PacketBytes $copy.Bytes).ToString() | Should -Be $packet.ToString()
    }
}

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
