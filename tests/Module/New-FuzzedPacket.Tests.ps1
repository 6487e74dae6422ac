. $PSScriptRoot/common.ps1

Describe 'New-FuzzedPacket' {
    BeforeAll {
        function Get-Hex($Packets) { ($Packets | ConvertTo-PacketBytes -AsHex) -join "`n" }
        $template = New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 443 -Option 'mss 1460', 'nop', 'wscale 7' -Data 'GET /'
    }

    It 'makes the same variants by the same seed, and any one of them alone' {
        $all = @($template | New-FuzzedPacket -Seed 1 -Count 100)
        $all.Count | Should -Be 100
        Get-Hex ($template | New-FuzzedPacket -Seed 1 -Count 100) | Should -Be (Get-Hex $all)
        Get-Hex ($template | New-FuzzedPacket -Seed 1 -Index 71, 3) | Should -Be (Get-Hex $all[71, 3])
        Get-Hex ($template | New-FuzzedPacket -Seed 1 -Skip 90 -Count 10) | Should -Be (Get-Hex $all[90..99])
        Get-Hex ($template | New-FuzzedPacket -Seed 2 -Count 100) | Should -Not -Be (Get-Hex $all)
        # The same on any machine, or a failure could not be told to anybody.
        $known = New-IPPacket 10.0.0.2 10.0.0.1 | New-UdpDatagram 9 | New-FuzzedPacket -Seed 42 -Index 7 -Field UDP.SourcePort -Strategy Field -Option Keep -Intensity 1
        "$($known.Mutation)" | Should -Be 'seed 42 index 7: UDP.SourcePort 53 -> 29021'
    }

    It 'tells what was changed, and a seed that nobody gave' {
        $variant = $template | New-FuzzedPacket
        $variant.Mutation | Should -BeOfType ([TcpTools.Mutation.PacketMutation])
        $variant.Comment | Should -Be "$($variant.Mutation)"
        Get-Hex ($template | New-FuzzedPacket -Seed $variant.Mutation.Seed -Index 0) | Should -Be (Get-Hex $variant)
        ($variant.Mutation | Out-String) | Should -Match "$($variant.Mutation.Seed)"
    }

    It 'goes on for ever, and stops when nobody asks' {
        @($template | New-FuzzedPacket -Count 0 -Seed 1 | Select-Object -First 7).Count | Should -Be 7
        @($template | New-FuzzedPacket -Count ([long]::MaxValue) -Seed 1 | Select-Object -First 2).Count | Should -Be 2
        Measure-Stop 'Import-Module $args[0]; New-IPPacket 10.0.0.2 | New-FuzzedPacket -Count 0 | Out-Null' @($ModuleManifest) | Should -BeLessThan 500
    }

    It 'leaves the template alone and takes several' {
        $before = Get-Hex $template
        @($template, (New-ArpPacket 10.0.0.1), (New-EthernetFrame) | New-FuzzedPacket -Count 3).Count | Should -Be 9
        Get-Hex $template | Should -Be $before
    }

    It 'keeps what was set by hand unless it is named or -All' {
        $common = @{ Seed = 1; Count = 150; Strategy = 'Field, Boundary'; Option = 'Keep'; Length = 'Keep' }
        @($template | New-FuzzedPacket @common | Where-Object { $_.Mutation.Changes.Target -contains 'TCP.DestinationPort' }).Count | Should -Be 0
        @($template | New-FuzzedPacket @common -All | Where-Object { $_.Mutation.Changes.Target -contains 'TCP.DestinationPort' }).Count | Should -BeGreaterThan 0
        $targets = ($template | New-FuzzedPacket @common -Field tcp.destinationport, *.TimeToLive).Mutation.Changes.Target | Sort-Object -Unique
        $targets | Should -Be 'IP.TimeToLive', 'TCP.DestinationPort'
        $targets = ($template | New-FuzzedPacket @common -Layer tcp -Exclude TCP.Flags, TCP.Options*).Mutation.Changes.Target | Sort-Object -Unique
        $targets | Should -Contain 'TCP.Window'
        $targets | Should -Not -Contain 'TCP.Flags'
        @($targets | Where-Object { $_ -notlike 'TCP.*' }).Count | Should -Be 0
    }

    It 'draws addresses from networks' {
        $ip = ($template | New-FuzzedPacket -Field IP.Source -Network 192.168.0.0/16 -Count 50 -Seed 1).IP.Source
        @($ip | Where-Object { "$_" -notlike '192.168.*' }).Count | Should -Be 0
        ($ip | Sort-Object { "$_" } -Unique).Count | Should -BeGreaterThan 25
    }

    It 'makes checksums right or wrong as asked' {
        $right = $template | New-FuzzedPacket -Layer TCP -Exclude TCP.DataOffset, TCP.Options*, TCP.Checksum -Option Keep -Count 60 -Seed 1
        $right.Anomalies | ForEach-Object Kind | Should -Not -Contain BadChecksum
        $wrong = @($template | New-FuzzedPacket -Field TCP.Window -Option Keep -Checksum Break -Count 60 -Seed 1)
        @($wrong | Where-Object { ($_.Anomalies | ForEach-Object Kind) -contains 'BadChecksum' }).Count | Should -Be 60
    }

    It 'gives options that are sound or are not, as asked, whatever Scapy''s fuzz would do' {
        $valid = @($template | New-FuzzedPacket -Field TCP.Window -Option Valid -Count 200 -Seed 1)
        ($valid.Tcp.DataOffset | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 60
        $valid.Anomalies | ForEach-Object Kind | Should -Not -Contain MalformedOption
        $valid.Anomalies | ForEach-Object Kind | Should -Not -Contain BadOptionLength
        $bad = @($template | New-FuzzedPacket -Field TCP.Window -Option Malformed -Count 200 -Seed 1)
        foreach ($variant in $bad) { (ConvertFrom-PacketBytes (ConvertTo-PacketBytes $variant)).Tcp | Should -Not -BeNullOrEmpty }
        @($bad | Where-Object { ($_.Anomalies | ForEach-Object Kind) -contains 'MalformedOption' }).Count | Should -BeGreaterThan 80
        # More options than there is room for.
        @($bad | Where-Object { ($_.Mutation.Changes.Description -match '^\d+ bytes of options$') }).Count | Should -BeGreaterThan 0
        # A data offset beyond the packet is data, not an exception.
        $lie = @($template | New-FuzzedPacket -Field TCP.DataOffset -Count 40 -Seed 1)
        $lie.Anomalies | ForEach-Object Kind | Should -Contain BadHeaderLength
    }

    It 'takes bytes and layers of other packets' {
        $donor = New-IPPacket 10.0.0.9 | New-UdpDatagram 53
        $variants = $template | New-FuzzedPacket -Strategy Structure -Donor $donor, (New-EthernetFrame) -Count 100 -Seed 1
        $variants.Mutation.Changes.Description | Should -Contain 'from another packet'
    }

    It 'survives a capture file, with what was changed' {
        $file = Join-Path $TestDrive fuzz.pcapng
        $variants = @($template | New-FuzzedPacket -Seed 5 -Count 20)
        $variants | Export-PacketCapture $file
        $read = @(Import-PacketCapture $file)
        $read.Comment | Should -Be $variants.Comment
        Get-Hex $read | Should -Be (Get-Hex $variants)
    }

    It 'leaves a stack alive that is bombarded with all of it' {
        $pair = New-TestPair
        try {
            $listener = Start-TcpListener 80 -Stack $pair.Server
            $syn = New-IPPacket 10.7.0.2 10.7.0.1 | New-TcpSegment 80 61000 -Option 'mss 1460', 'sackOK', 'nop', 'wscale 7'
            $syn, ($syn / 'data') | New-FuzzedPacket -Seed 1 -Count 500 -Intensity 6 -All |
                Where-Object { $_.Start -eq 'IP' -and ($_ | ConvertTo-PacketBytes).Length -le 1500 } |
                Send-RawPacket -Stack $pair.Client
            $session = Open-TcpSession 10.7.0.2 80 -Stack $pair.Client -LocalPort 4000
            $session | Send-TcpData 'still here' -Line
            do { $peer = $listener | Receive-TcpSession } until ($peer.RemotePort -eq 4000)
            $peer | Receive-TcpData -Line | Should -Be 'still here'
        }
        finally { Remove-TestStack }
    }

    It 'says what it cannot do' {
        Get-ErrorId { $template | New-FuzzedPacket -Field UDP.* -ErrorAction Stop } | Should -Be InvalidArgument
        Get-ErrorId { $template | New-FuzzedPacket -Strategy None -ErrorAction Stop } | Should -Be InvalidArgument
        Get-ErrorId { $template | New-FuzzedPacket -Intensity 0 } | Should -Be ParameterArgumentValidationError
        Get-ErrorId { Get-Date | New-FuzzedPacket } | Should -Be ParameterArgumentTransformationError
    }
}
