. $PSScriptRoot/common.ps1

Describe 'Many values for a parameter' {
    It 'make a packet for each combination, the parameter named last changing fastest' {
        $made = New-IPPacket 10.0.0.0/31 -TimeToLive 1, 2 | New-TcpSegment 80, 443 | ForEach-Object {
            "$($_.IP.Destination) $($_.IP.TimeToLive) $($_.Tcp.DestinationPort)"
        }
        $made | Should -Be '10.0.0.0 1 80', '10.0.0.0 1 443', '10.0.0.0 2 80', '10.0.0.0 2 443', '10.0.0.1 1 80', '10.0.0.1 1 443', '10.0.0.1 2 80', '10.0.0.1 2 443'
    }

    It 'are numbers, ranges of PowerShell and ranges as text, in any mixture' {
        (New-TcpSegment 80, 443, (8000..8002), '20-21', 0x50).Tcp.DestinationPort | Should -Be 80, 443, 8000, 8001, 8002, 20, 21, 80
        (New-TcpSegment '1-1024').Count | Should -Be 1024
        (New-UdpDatagram '5-3').Udp.DestinationPort | Should -Be 5, 4, 3
        (New-TcpSegment -Sequence 4294967295, 0 -Window (1..2)).Count | Should -Be 4
        (New-IcmpMessage EchoRequest, TimeExceeded, '13-14').Icmp.Type | Should -Be 8, 11, 13, 14
        (New-EthernetFrame 02:00:00:00:00:01, 02:00:00:00:00:02 -VlanId 1, 2).Count | Should -Be 4
        (New-EthernetFrame | New-ArpPacket 10.0.0.0/28 10.0.0.1).Count | Should -Be 16
        (New-IPPacket 10.0.0.1 -Protocol (0..255)).Count | Should -Be 256
    }

    It 'are networks and ranges of addresses of both versions' {
        (New-IPPacket 10.0.0.1-10.0.0.3, 10.0.1.0/31, 10.0.2.1-2).IP.Destination | Should -Be 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.1.0, 10.0.1.1, 10.0.2.1, 10.0.2.2
        (New-IPPacket 2001:db8::/126).Count | Should -Be 4
        (New-IPPacket 10.0.0.1, ::1 10.0.0.2, 10.0.0.3, ::2).Count | Should -Be 3
        Get-ErrorId { New-IPPacket 10.0.0.1-::1 } | Should -Be ParameterArgumentTransformationError
    }

    It 'are flags: names are the bits of one value, letters and numbers a value each' {
        (New-TcpSegment -Flags Syn, Ack).Tcp.Flags | Should -Be 'Syn, Ack'
        (New-TcpSegment -Flags S, SA, 'Fin,Ack', 0x04).Tcp.Flags | Should -Be 'Syn', 'Syn, Ack', 'Fin, Ack', 'Rst'
        (New-TcpSegment -Flags FPU, None).Tcp.Flags | Should -Be 'Fin, Psh, Urg', 'None'
        Get-ErrorId { New-TcpSegment -Flags SZ } | Should -Be ParameterArgumentTransformationError
    }

    It 'are made only when they are asked for' {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        (New-IPPacket 10.0.0.0/8, ::/0 -TimeToLive (1..255) | New-TcpSegment '0-65535' -Sequence '0-4294967295' | Select-Object -First 3).Tcp.Sequence | Should -Be 0, 1, 2
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
    }

    It 'end within a moment when the user stops them' {
        Measure-Stop 'New-IPPacket 10.0.0.0/8 | New-TcpSegment "0-65535" | Out-Null' | Should -BeLessThan 500
    }

    It 'have to fit' {
        Get-ErrorId { New-TcpSegment 65536 } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-TcpSegment -1 } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-TcpSegment http } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-IPPacket 10.0.0.1 -TimeToLive 256 } | Should -Be ParameterArgumentTransformationError
        Get-ErrorId { New-IcmpMessage Nonsense } | Should -Be InvalidArgument
        Get-ErrorId { New-IcmpMessage 256 } | Should -Be InvalidArgument
    }

    It 'have names that Tab completes' {
        Get-Completion 'New-IcmpMessage Echo' | Should -Contain EchoRequest
        Get-Completion 'New-IcmpMessage 3 Port' | Should -Be PortUnreachable
    }
}
