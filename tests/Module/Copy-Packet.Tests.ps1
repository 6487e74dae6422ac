. $PSScriptRoot/common.ps1

Describe 'Copy-Packet' {
    BeforeAll { $packet = New-IPPacket 10.0.0.2 10.0.0.1 -Checksum 7 | New-TcpSegment 80 4000 -Data abc }

    It 'shares nothing with the original' {
        $copy = $packet | Copy-Packet
        $copy.IP.TimeToLive = 3
        $copy.Payload.Data[0] = 0
        $packet.IP.TimeToLive, $packet.Payload.Text | Should -Be 64, abc
        ($packet | Copy-Packet -Count 3).Count | Should -Be 3
    }

    It 'changes what is named, in the words of people' {
        $copy = $packet | Copy-Packet @{ 'IP.Source' = '10.0.0.9'; 'Tcp.Flags' = 'SA'; 'Tcp.Options' = 'mss 536', 'nop'; 'Payload.Text' = 'longer'; 'Layers[1].Window' = 1 }
        "$($copy.IP.Source) $($copy.Tcp.Flags) $($copy.Tcp.Options -join ',') $($copy.Payload.Text) $($copy.Tcp.Window)" | Should -Be '10.0.0.9 Syn, Ack mss 536,nop longer 1'
        Get-ErrorId { $packet | Copy-Packet @{ 'Tcp.Nonsense' = 1 } } | Should -Be InvalidArgument
        Get-ErrorId { $packet | Copy-Packet @{ 'Udp.Length' = 1 } } | Should -Be InvalidArgument
        Get-ErrorId { $packet | Copy-Packet @{ 'IP.TimeToLive' = 'many' } } | Should -Be InvalidArgument
        Get-ErrorId { $packet | Copy-Packet @{ 'Tcp.Flags' = 'XYZ' } } | Should -Be InvalidArgument
    }

    It 'computes anew what was set' {
        $packet | Test-Packet | Should -BeFalse
        $packet | Copy-Packet -Recompute | Test-Packet | Should -BeTrue
    }
}
