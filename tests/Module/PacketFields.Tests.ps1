. $PSScriptRoot/common.ps1

Describe 'Fields of packets' {
    It 'takes the flags of a segment as letters' {
        $packet = New-IPPacket 10.9.0.1 | New-TcpSegment 80
        $packet.Tcp.Flags = 'SA'
        $packet.Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Syn, Ack')
        $packet.Tcp.Flags = 'Fin'
        [int] $packet.Tcp.Flags | Should -Be 1
        { $packet.Tcp.Flags = 'XYZ' } | Should -Throw
    }

    It 'builds IPv6 with extension headers from its layers' {
        $ip = [TcpTools.Packets.IPv6Layer]::new()
        $ip.Destination = [TcpTools.Wire.NetworkAddress]::Parse('2001:db8::1')
        $options = [TcpTools.Packets.HopByHopLayer]::new()
        $options.Options.Add([TcpTools.Packets.IPv6RouterAlertOption]::new(0))
        $packet = $ip / $options / [TcpTools.Packets.UdpLayer]::new() / 'data'
        $packet.IPv6.PayloadLength | Should -Be 20
        $packet.IP.Protocol | Should -Be 17
        $packet.Anomalies | Should -BeNullOrEmpty
    }
}
