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
