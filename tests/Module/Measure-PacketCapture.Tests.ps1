. $PSScriptRoot/common.ps1

Describe 'Measure-PacketCapture' {
    BeforeAll {
        $script:path = Join-Path $TestDrive measure.pcapng
        $time = [datetimeoffset] '2024-01-01T00:00:00Z'
        $packets = foreach ($i in 0..9) {
            $packet = New-EthernetFrame | New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000 -Flags A -Sequence (1000 + 10 * ($i % 8)) -Data '0123456789'
            $packet.Timestamp = $time.AddSeconds($i)
            $packet
        }
        $udp = New-EthernetFrame | New-IPPacket 10.0.0.3 10.0.0.1 | New-UdpDatagram 53 5000 -Data x
        $udp.Timestamp = $time.AddSeconds(10)
        $packets + $udp | Export-PacketCapture $script:path -Comment 'eleven'
    }

    It 'tells totals, protocols and conversations' {
        $all = Measure-PacketCapture $path
        $all.Packets, $all.Bytes, $all.Duration.TotalSeconds | Should -Be 11, (10 * 64 + 43), 10
        $all.PacketsPerSecond | Should -Be 1.1
        $all.Protocols.Path | Should -Be Ethernet, Ethernet/IPv4, Ethernet/IPv4/TCP, Ethernet/IPv4/UDP
        $all.Protocols.Packets | Should -Be 11, 11, 10, 1
        $all.TcpConversations.Count, $all.UdpConversations.Count, $all.IPConversations.Count | Should -Be 1, 1, 2
        $all.Interfaces[0].Name, $all.Comments[0] | Should -Be frames, eleven
        ($all | Format-List | Out-String) | Should -Match 'IPv4 11'
        ($all | Format-Table | Out-String) | Should -Match '683'
    }

    It 'writes just what is asked for' {
        $tcp = Measure-PacketCapture $path -Conversation Tcp
        $tcp | Should -BeOfType TcpTools.Capture.TcpConversation
        $tcp.AddressA, $tcp.PortA, $tcp.AddressB, $tcp.PortB | Should -Be 10.0.0.1, 4000, 10.0.0.2, 80
        $tcp.Retransmissions, $tcp.PacketsAToB, $tcp.PacketsBToA | Should -Be 2, 10, 0
        @(Measure-PacketCapture $path -Endpoint IP)[0].Address | Should -Be 10.0.0.1
        (Measure-PacketCapture $path -Protocol | Out-String) | Should -Match '    TCP'
        @(Measure-PacketCapture $path -IntervalSec 5).Packets | Should -Be 5, 5, 1
        (Measure-PacketCapture $path -Filter udp).Packets | Should -Be 1
    }

    It 'takes packets and files from the pipeline alike' {
        (Import-PacketCapture $path | Measure-PacketCapture).Packets | Should -Be 11
        (Get-Item $path | Measure-PacketCapture).Packets | Should -Be 11
        ($path, $path | Measure-PacketCapture).Packets | Should -Be 22
        (Import-PacketCapture $path | Measure-PacketCapture -Conversation Tcp).Retransmissions | Should -Be 2
    }

    It 'counts together what is beyond the limit' {
        1..20 | ForEach-Object { New-IPPacket "10.1.0.$_" 10.0.0.1 | New-UdpDatagram 9 } |
            Measure-PacketCapture -Conversation Udp -MaximumConversations 5 -WarningVariable told -WarningAction SilentlyContinue |
            Measure-Object | ForEach-Object Count | Should -Be 5
        "$told" | Should -BeLike '15 packets*'
    }

    It 'tells of a damage, and what came before it' {
        $damaged = Join-Path $TestDrive damaged.pcapng
        [System.IO.File]::WriteAllBytes($damaged, [System.IO.File]::ReadAllBytes($path)[0..900])
        $all = Measure-PacketCapture $damaged -ErrorVariable problem -ErrorAction SilentlyContinue
        $all.Packets | Should -BeGreaterThan 3
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidData,*'
        Get-ErrorId { Measure-PacketCapture $path -IntervalSec 0 } | Should -Be InvalidArgument
    }
}
