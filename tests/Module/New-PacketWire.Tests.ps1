. $PSScriptRoot/common.ps1

Describe 'New-PacketWire' {
    AfterEach { Remove-TestStack }

    It 'carries packets from one end to the other, both ways' {
        $wire = New-PacketWire
        $packet = New-IPPacket 10.0.0.1 10.0.0.2 | New-TcpSegment 80
        $packet | Send-RawPacket -Link $wire.A
        (Receive-RawPacket -Link $wire.B).ToString() | Should -Be $packet.ToString()
        $packet | Send-RawPacket -Link $wire.B
        (Receive-RawPacket -Link $wire.A).ToString() | Should -Be $packet.ToString()
    }

    It 'has the delay, the size and the losses that were asked for' {
        $pair = New-TestPair -Wire @{ Delay = '100ms'; Mtu = 600; DropNumber = 1 }
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        # The first packet each way is lost, and the initial timeout of 1 s repairs it.
        $pair.Client.Now.Ticks | Should -BeGreaterThan 12000000
        $session.Info.SendMaximumSegment | Should -BeLessOrEqual 560
        $pair.Wire.AToBCounters.Lost | Should -Be 1
    }

    It 'loses the same packets again with a seed' {
        $lost = 1..2 | ForEach-Object {
            $wire = New-PacketWire -Loss 0.5 -Seed 5
            $packets = 1..40 | ForEach-Object { New-IPPacket 10.0.0.1 10.0.0.2 -Identification $_ }
            $packets | ForEach-Object { $_ | Send-RawPacket -Link $wire.A -ErrorAction SilentlyContinue }
            (Receive-RawPacket -Link $wire.B -All | ForEach-Object { $_.IP.Identification }) -join ','
        }
        $lost[0] | Should -Be $lost[1]
        ($lost[0] -split ',').Count | Should -BeLessThan 40
    }

    It 'carries Ethernet frames on which stacks find each other by ARP' {
        $pair = New-TestPair -Wire @{ Ethernet = $true }
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        $session.State | Should -Be Established
        $pair.Client.Neighbors[0].HardwareAddress | Should -Be $pair.Server.HardwareAddress
        $pair.Client.Counters['ArpOutRequests'] | Should -BeGreaterThan 0
    }

    It 'refuses what means nothing' {
        Get-ErrorId { New-PacketWire -Loss 1.5 } | Should -Be ParameterArgumentValidationError
        Get-ErrorId { New-PacketWire -Mtu 10 } | Should -Be ParameterArgumentValidationError
        Get-ErrorId { New-PacketWire -Delay soon } | Should -Be ParameterArgumentTransformationError
    }
}
