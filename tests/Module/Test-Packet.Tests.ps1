. $PSScriptRoot/common.ps1

Describe 'Test-Packet' {
    It 'says yes to what is sound and no to <What>' -ForEach @(
        @{ What = 'a wrong checksum'; Make = { New-IPPacket 10.0.0.2 -Checksum 1 | New-TcpSegment 80 }; Check = 'IP.Checksum' }
        @{ What = 'a wrong length'; Make = { New-IPPacket 10.0.0.2 -TotalLength 999 | New-TcpSegment 80 }; Check = 'IP.Length' }
        @{ What = 'SYN with FIN'; Make = { New-IPPacket 10.0.0.2 | New-TcpSegment 80 -Flags SF }; Check = 'TCP.Flags' }
        @{ What = 'no flags'; Make = { New-IPPacket 10.0.0.2 | New-TcpSegment 80 -Flags None }; Check = 'TCP.Flags' }
        @{ What = 'a source that is a group'; Make = { New-IPPacket 10.0.0.2 224.0.0.1 | New-UdpDatagram }; Check = 'IP.Source' }
        @{ What = 'a malformed option'; Make = { New-IPPacket 10.0.0.2 | New-TcpSegment 80 -Option ([byte[]] (2, 9, 1, 1)) }; Check = 'TCP.Options' }
    ) {
        New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 | Test-Packet | Should -BeTrue
        $packet = & $Make
        Test-Packet $packet | Should -BeFalse
        Test-Packet $packet -Ignore $Check | Should -BeTrue
        $failed = Test-Packet $packet -Detailed | Where-Object Result -EQ Failed
        "$($failed[0].Layer).$($failed[0].Name)" | Should -Be $Check
    }

    It 'calls odd things suspicious, and unsound if it is to be strict' {
        $packet = New-IPPacket 10.0.0.2 10.0.0.1 -TimeToLive 0 | New-TcpSegment 80 -Flags A -UrgentPointer 7 -Option 'wscale 7'
        $packet | Test-Packet | Should -BeTrue
        $packet | Test-Packet -Strict | Should -BeFalse
        ($packet | Test-Packet -Detailed | Where-Object Result -EQ Suspicious).Name | Should -Be TimeToLive, Options, UrgentPointer
        $packet | Test-Packet -Detailed | Format-Table | Out-String | Should -Match 'Suspicious'
    }
}
