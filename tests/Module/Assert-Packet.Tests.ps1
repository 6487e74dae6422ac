. $PSScriptRoot/common.ps1

Describe 'Assert-Packet' {
    BeforeAll { $packet = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000 -Flags SA -Option 'mss 1460', sackOK -Data 'GET /' }

    It 'has nothing to say about what is as expected: <_>' -ForEach @(
        '@{ "Tcp.Flags" = "SA"; "IP.TimeToLive" = 64 }', '@{ "Tcp.Flags" = "Syn,Ack" }', '@{ "tcp.flags" = 0x12 }', '@{ "IP.Source" = "10.0.0.1" }'
        '@{ "Payload.Text" = "GET *" }', '@{ "Payload.Data" = "GET /" }', '@{ "Tcp.Window" = { $_ -gt 100 } }', '@{ Udp = $null }'
        '@{ "Udp.SourcePort" = $null }', '@{ "Tcp.Options" = "mss 1460", "sackOK" }', '@{ "TCP.Options[0].Value" = 1460 }', '@{ "Tcp.Options[1]" = "sackOK" }'
        '@{ "Tcp.Options.Count" = 2 }', '@{ "Layers[1].SourcePort" = 4000 }', '@{ "IP.DontFragment" = $false }', '@{ "Tcp.NextSequence" = 6 }', '@{ Flow = "TCP*" }'
    ) {
        $packet | Assert-Packet (Invoke-Expression $_) | Should -BeNullOrEmpty
        $packet | Assert-Packet (Invoke-Expression $_) -PassThru | Should -Be $packet
    }

    It 'ends with one error that shows each field that is wrong' {
        $problem = { $packet | Assert-Packet @{ 'Tcp.Flags' = 'S'; 'IP.TimeToLive' = 63; 'Udp.Length' = 8 } -Because 'we asked' } | Should -Throw -ErrorId 'PacketMismatch*' -PassThru
        $problem.Exception.Message | Should -Match 'not as expected in 3 fields, because we asked: IP 10.0.0.1.4000'
        $problem.Exception.Message | Should -Match '(?m)^  Tcp.Flags +S +SA\r?$'
        $problem.Exception.Message | Should -Match '(?m)^  Udp.Length +8 +absent\r?$'
        $problem.TargetObject | Should -Be $packet
        $problem.CategoryInfo.Category | Should -Be InvalidResult
    }

    It 'compares with another packet' {
        $expected = New-IPPacket 10.0.0.2 10.0.0.1 -Identification 9 | New-TcpSegment 80 4000 -Flags SA -Option 'mss 1460', sackOK -Data 'GET /'
        $packet | Assert-Packet -Expected $expected -Ignore IP.Identification, IP.Checksum
        $problem = { $packet | Assert-Packet -Expected $expected } | Should -Throw -ErrorId 'PacketMismatch*' -PassThru
        $problem.Exception.Message | Should -Match 'IP.Identification +9 +1'
        { , ($packet | ConvertTo-PacketBytes) | Assert-Packet -Expected $packet } | Should -Not -Throw
    }

    It 'asks for soundness' {
        $packet | Assert-Packet -Sound
        { New-IPPacket 10.0.0.1 -Checksum 1 | Assert-Packet -Sound } | Should -Throw -ErrorId 'PacketMismatch*'
    }

    It 'does not pass when there is no packet, or no such field' {
        { @() | Assert-Packet @{ 'IP.TimeToLive' = 64 } } | Should -Throw -ErrorId 'NoPacket*'
        Get-ErrorId { $packet | Assert-Packet @{ 'Tcp.Flag' = 'SA' } } | Should -Be InvalidArgument
    }

    It 'stops at the first of several that is wrong, and says which' {
        $problem = { New-IPPacket 10.0.0.1 -TimeToLive 64, 64, 3 | Assert-Packet @{ 'IP.TimeToLive' = 64 } } | Should -Throw -PassThru
        $problem.Exception.Message | Should -Match '^Packet 3 is'
    }
}
