. $PSScriptRoot/common.ps1

Describe 'Neighbours' {
    BeforeEach { $pair = New-TestPair -Wire @{ Ethernet = $true } -Server @{ MacAddress = '02:00:00:00:00:0b' } }
    AfterEach { Remove-TestStack }

    It 'are asked for, listed and forgotten' {
        @(Get-NetworkNeighbor).Count | Should -Be 0
        (Resolve-NetworkNeighbor 10.7.0.2).HardwareAddress.ToString() | Should -Be '02:00:00:00:00:0b'
        ('10.7.0.2' | Resolve-NetworkNeighbor).State | Should -Be Reachable
        (Get-NetworkNeighbor 10.7.0.2).Address.ToString() | Should -Be 10.7.0.2
        @(Get-NetworkNeighbor 10.7.0.3).Count | Should -Be 0
        $pair.Client.RemoveNeighbor('10.7.0.2') | Should -BeTrue
        $pair.Client.SetNeighbor('10.7.0.9', '02:00:00:00:00:09')
        (Get-NetworkNeighbor).State | Should -Be Permanent
        ($pair.Client | Get-NetworkNeighbor | Format-Table | Out-String) | Should -Match '02:00:00:00:00:09'
    }

    It 'that do not answer, and stacks without any, are told in one error' {
        Get-ErrorId { Resolve-NetworkNeighbor 10.7.0.77 } | Should -Be NoAnswer
        Get-ErrorId { Resolve-NetworkNeighbor 192.0.2.1 } | Should -Be NoRoute
        $wire = New-PacketWire
        $plain = Start-TcpStack 10.5.0.1/24 -Link $wire.A -Virtual
        Get-ErrorId { Resolve-NetworkNeighbor 10.5.0.2 -Stack $plain } | Should -Be InvalidArgument
        Get-ErrorId { Start-TcpStack 10.5.0.2/24 -Link $wire.B -Virtual -MacAddress 02:00:00:00:00:01 } | Should -Be InvalidArgument
        Get-ErrorId { Start-TcpStack 10.5.0.2/24 -Link $wire.B -Virtual -MacAddress ff:ff:ff:ff:ff:ff } | Should -Be InvalidArgument
    }

    It 'are reached by routes that can be given, asked and changed' {
        $wire = New-PacketWire -Ethernet
        $stack = Start-TcpStack 10.5.0.1/24 -Link $wire.A -Virtual -Route @{ '192.0.2.0/24' = '10.5.0.9'; '198.51.100.0/24' = '' }
        $stack.FindRoute('192.0.2.5').Gateway.ToString() | Should -Be 10.5.0.9
        $stack.FindRoute('198.51.100.5').Kind | Should -Be Connected
        $stack.RemoveRoute('192.0.2.0/24') | Should -BeTrue
        $stack.FindRoute('192.0.2.5') | Should -BeNullOrEmpty
        $stack.AddRoute('203.0.113.0/24', '10.5.0.8')
        ($stack.Routes | Out-String) | Should -Match '203.0.113.0 +24 Gateway +10.5.0.8'
        Get-ErrorId { Start-TcpStack 10.5.0.2/24 -Link $wire.B -Virtual -Route @{ '192.0.2.0/24' = '172.16.0.1' } } | Should -Be InvalidArgument
        Get-ErrorId { Start-TcpStack 10.5.0.2/24 -Link $wire.B -Virtual -Route @{ 'there' = '10.5.0.9' } } | Should -Be InvalidArgument
        $wire.B | Start-TcpStack 10.5.0.2/24 -Virtual | Should -Not -BeNullOrEmpty -Because 'what failed gave its link back'
    }

    It 'see a session come from an address that is claimed for it alone' {
        $listener = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession 10.7.0.2 80 -SourceAddress 10.7.0.99
        $session.LocalAddress.ToString() | Should -Be 10.7.0.99
        ($listener | Receive-TcpSession).RemoteAddress.ToString() | Should -Be 10.7.0.99
        "$($pair.Client.Addresses)" | Should -Be '10.7.0.1/24 10.7.0.99/24'
        $session | Close-TcpSession -Abort
        "$($pair.Client.Addresses)" | Should -Be '10.7.0.1/24'
        Get-ErrorId { Open-TcpSession 10.7.0.2 80 -SourceAddress 10.7.0.2 } | Should -Be LinkInUse
        Get-ErrorId { Open-TcpSession 10.7.0.2 80 -SourceAddress 192.0.2.1 } | Should -Be NoRoute
        Get-ErrorId { Open-TcpSession 10.7.0.77 80 -SourceAddress 10.7.0.98 } | Should -Be Unreachable
        "$($pair.Client.Addresses)" | Should -Be '10.7.0.1/24'
    }

    It 'get packets without a frame by the stack''s own routes' {
        New-IPPacket 10.7.0.2 10.7.0.1 | New-IcmpMessage -Type EchoRequest | Send-RawPacket -Stack $pair.Client
        $pair.Client.Clock.Network.RunUntilIdle()
        $pair.Server.Counters['IcmpInEchos'] | Should -Be 1
        (Test-IcmpEcho 10.7.0.2 -Count 2) | Should -BeTrue
        ((New-IPPacket 10.7.0.2 | New-TcpSegment 80 -Flags Syn | Invoke-PacketExchange -First -TimeoutSec 5).Reply.Tcp.Flags) | Should -Be 'Rst, Ack'
        Get-ErrorId { New-IPPacket 192.0.2.1 10.7.0.1 | New-TcpSegment 80 | Send-RawPacket } | Should -Be NoRoute
    }
}
