. $PSScriptRoot/common.ps1

Describe 'New-IPv6Extension' {
    It 'makes chains in any order' {
        $packet = New-IPPacket 2001:db8::1 2001:db8::2 |
            New-IPv6Extension HopByHop -Option 'RouterAlert 0', 'PadN 2' |
            New-IPv6Extension Routing -Address 2001:db8::b, 2001:db8::1 |
            New-IPv6Extension Fragment -Identification 7 -FragmentOffset 0 |
            New-IPv6Extension Authentication -Spi 5 -Sequence 9 |
            New-IPv6Extension DestinationOptions -Option 'unknown-77 0x0102' |
            New-TcpSegment 80
        $packet.Layers.Name | Should -Be IPv6, HopByHop, Routing, Fragment, AH, DestinationOptions, TCP
        $packet.Anomalies | Should -BeNullOrEmpty
        (ConvertFrom-PacketBytes ($packet | ConvertTo-PacketBytes)).Layers.Name | Should -Be $packet.Layers.Name
        $packet.IPv6.FinalDestination.ToString() | Should -Be 2001:db8::b
    }

    It 'makes a header for each combination' {
        (New-IPPacket ::1 | New-IPv6Extension Fragment -FragmentOffset 0, 8, 16 -Identification 1, 2).Count | Should -Be 6
    }

    It 'says what a header does not have, and what is no option' {
        Get-ErrorId { New-IPv6Extension HopByHop -Address ::1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPv6Extension Routing -Address 10.0.0.1 } | Should -Be InvalidArgument
        Get-ErrorId { New-IPv6Extension HopByHop -Option nonsense } | Should -Be ParameterArgumentTransformationError
        Get-Completion 'New-IPv6Extension HopByHop -Option Jum' | Should -Be "'Jumbo 70000'"
    }
}
