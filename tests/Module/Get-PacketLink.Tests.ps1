. $PSScriptRoot/common.ps1

Describe 'Get-PacketLink' {
    AfterEach { Remove-TestStack }

    It 'lists the interfaces of the kernel with what they are' {
        $lo = Get-PacketLink lo
        $lo.Name, $lo.Index, $lo.Kind | Should -Be lo, 1, loopback
        "$($lo.Addresses)" | Should -BeLike '*127.0.0.1/8*'
        $lo.IsPromiscuous | Should -BeFalse
        (Get-PacketLink l?).Name | Should -Contain lo
        @(Get-PacketLink).Count | Should -BeGreaterOrEqual 1
    }

    It 'lists the links of stacks with what has passed' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack $pair.Server
        $null = Open-TcpSession $pair.Address 80
        $link = Get-PacketLink | Where-Object Stack -EQ $pair.Client
        $link.Kind, $link.Mtu | Should -Be 'link of ours', 1500
        $link.SentPackets | Should -BeGreaterThan 0
        $link.ReceivedPackets | Should -BeGreaterThan 0
        New-IPPacket $pair.Address | New-IcmpMessage -Data ping | Send-RawPacket -Link $link
        (Receive-RawPacket $link).Payload.Text | Should -Be ping
    }

    It 'shows a table' { Get-PacketLink lo | Format-Table | Out-String | Should -Match 'loopback' }

    It 'reports a name that nothing has' { Get-ErrorId { Get-PacketLink nothing0 } | Should -Be NoInterface }

    It 'completes names' { Get-Completion 'Get-PacketLink l' | Should -Contain lo }
}
