. $PSScriptRoot/common.ps1

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
