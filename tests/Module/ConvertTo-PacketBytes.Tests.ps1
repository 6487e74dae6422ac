. $PSScriptRoot/common.ps1

Describe 'ConvertTo-PacketBytes' {
    It 'writes one array for each packet' {
        $arrays = @(80, 81 | ForEach-Object { New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment $_ } | ConvertTo-PacketBytes)
        $arrays.Count | Should -Be 2
        $arrays[0].Length | Should -Be 40
    }

    It 'writes hexadecimal digits' {
        New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 53 | ConvertTo-PacketBytes -AsHex | Should -Match '^4500001c[0-9a-f]{48}$'
    }

    It 'gives one clear error for a wrong type' {
        Get-ErrorId { Get-Date | ConvertTo-PacketBytes } | Should -Be ParameterArgumentTransformationError
    }
}
