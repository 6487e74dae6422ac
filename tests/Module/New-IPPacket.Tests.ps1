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
Get-ErrorId { New-IPPacket 10.0.0.0/33 } | Should -Be ParameterArgumentTransformationError
    }

    It 'makes IPv6 where the addresses are IPv6' {
        $packet = New-IPPacket 2001:db8::1 2001:db8::2 -HopLimit 3 -TrafficClass 0x28 -FlowLabel 0x12345 | New-UdpDatagram 53 -Data hello
        $packet.IPv6.FlowLabel, $packet.IPv6.HopLimit, $packet.IPv6.TrafficClass, $packet.IPv6.PayloadLength | Should -Be 0x12345, 3, 0x28, 13
        $packet.Anomalies | Should -BeNullOrEmpty
        (New-IPPacket -Version 6).IPv6.Destination.ToString() | Should -Be ::1
        $fragment = New-IPPacket 2001:db8::1 -FragmentOffset 8 -MoreFragments -Identification 70000 -Protocol 6 -Data ('x' * 16)
        $fragment.Layers.Name | Should -Be IPv6, Fragment, Payload
        $fragment.Layers[1].Identification, $fragment.Layers[1].NextHeader | Should -Be 70000, 6
        Get-ErrorId { New-IPPacket 2001:db8::1 -Checksum 1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 -FlowLabel 1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 ::1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 -Version 6 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPPacket 10.0.0.1 -Identification 70000 } | Should -Be InvalidArgument
    }

    It 'takes options by name' {
        $packet = New-IPPacket 10.0.0.2 -Option 'rr 2', 'lsrr 10.0.0.3,10.0.0.4', ra, nop, ([byte[]] (77, 4, 1, 2))
        $packet.IPv4.Options.Name | Should -Be RR, LSRR, RA, NOP, 'unknown 77'
        $packet.IPv4.FinalDestination.ToString() | Should -Be 10.0.0.4
        Get-ErrorId { New-IPPacket 10.0.0.2 -Option nonsense } | Should -Be ParameterArgumentTransformationError
        Get-Completion 'New-IPPacket -Option ls' | Should -Be "'lsrr 10.0.0.1,10.0.0.2'"
    }
}
