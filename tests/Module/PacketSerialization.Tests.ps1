. $PSScriptRoot/common.ps1

Describe 'Packets that leave the process' {
    BeforeAll {
        $packet = New-EthernetFrame 02:00:00:00:00:01 | New-IPPacket 10.0.0.2 10.0.0.1 -Checksum 7 | New-TcpSegment 80 -Option 'mss 1460' -Data hello
        $packet.TimestampNanoseconds = 1700000000123456789
        $packet.Interface = 'eth0'
        $packet.Comment = 'a remark'
        $packet.Number = 3
        $packet.WireLength = 1500
        $packet.Direction = 'Outgoing'
    }

    It 'come back from Clixml as packets, with all that was known of them' {
        $path = Join-Path $TestDrive packet.xml
        $packet, ($packet | Copy-Packet) | Export-Clixml $path
        $copy = (Import-Clixml $path)[0]
        $copy | Should -BeOfType TcpTools.Packets.Packet
        Compare-Packet $packet $copy | Should -BeNullOrEmpty
        $copy.TimestampNanoseconds, $copy.Interface, $copy.Comment, $copy.Number, $copy.WireLength, $copy.Direction |
            Should -Be 1700000000123456789, eth0, 'a remark', 3, 1500, Outgoing
        $copy.Tcp.Options[0].Value, $copy.Start | Should -Be 1460, Ethernet
        $copy.IPv4.FixedFields | Should -Be Checksum
    }

    It 'come back from a job as packets, and go into one' {
        $job = Start-Job -ArgumentList $packet -InitializationScript ([scriptblock]::Create("Import-Module '$ModuleManifest'")) {
            param($sent)
            $sent.GetType().FullName
            $sent.Tcp.DestinationPort = 443
            $sent
        }
        $type, $back = $job | Receive-Job -Wait -AutoRemoveJob
        $type | Should -Be TcpTools.Packets.Packet
        $back | Should -BeOfType TcpTools.Packets.Packet
        $back.Tcp.DestinationPort, $back.Interface | Should -Be 443, eth0
Compare-Packet $packet $back -IgnoreComputed | ForEach-Object Path | Should -Be TCP.DestinationPort
    }

    It 'are readable where the module is not' {
        $path = Join-Path $TestDrive plain.xml
        $packet | Export-Clixml $path
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        & $pwsh -NoProfile -NonInteractive -Command "`$p = Import-Clixml '$path'; `$p.Line; `$p.Bytes.Count; `$p.Interface" |
            Should -Be $packet.ToString(), $packet.Length, eth0
    }

    It 'can be cast from what serialization leaves' {
        $bag = [pscustomobject]@{ Bytes = ($packet | ConvertTo-PacketBytes); Start = 'Ethernet' }
        ([TcpTools.Packets.Packet] $bag).Tcp.DestinationPort | Should -Be 80
        ($bag | Format-Packet Line) | Should -Be $packet.ToString()
    }
}
