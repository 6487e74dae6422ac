. $PSScriptRoot/common.ps1

Describe 'A record as a link' {
    BeforeAll {
        $pair = New-TestPair -Client @{ CapturePath = "$TestDrive/session.pcapng" }
        $listener = Start-TcpListener 80 -Stack server
        $near = Open-TcpSession $pair.Address 80
        $far = $listener | Receive-TcpSession
        $near | Send-TcpData 'hello'
        $null = $far | Receive-TcpData
        $far | Send-TcpData 'hello to you'
        $null = $near | Receive-TcpData
        $near, $far | Close-TcpSession
        Remove-TestStack
        $record = @(Import-PacketCapture $TestDrive/session.pcapng)
    }

    AfterEach { Remove-TestStack }

    It 'takes a stack in the place of the client, by a file' {
        $replay = New-PacketReplay $TestDrive/session.pcapng 10.7.0.1
        $stack = Start-TcpStack -Link $replay -Virtual
        $stack.Addresses[0].Address.ToString() | Should -Be 10.7.0.1
        $session = Open-TcpSession 10.7.0.2 80
        $session | Send-TcpData 'hello'
        Receive-TcpData -Session $session -AsString | Should -Be 'hello to you'
        Test-PacketReplay $replay | Should -BeFalse -Because 'the stack has not closed its side yet'
        $session | Close-TcpSession
        $replay | Test-PacketReplay | Should -BeTrue
        $steps = @(Test-PacketReplay $replay -Detailed)
        $steps[0].Kind | Should -Be Same
        ($steps | Format-Table | Out-String -Width 200) | Should -Match 'Delivered'
    }

    It 'takes a stack in the place of the server, by packets, and finds what differs' {
        $replay = $record | New-PacketReplay -Address 10.7.0.2 -Name turned
        $stack = Start-TcpStack -Link $replay -Virtual
        $session = Start-TcpListener 80 | Receive-TcpSession
        Receive-TcpData -Session $session -AsString | Should -Be hello
        $session | Send-TcpData 'HELLO to you'
        $null = $stack.Clock.Network.RunUntilIdle()
        $different = @(Test-PacketReplay $replay -Detailed | Where-Object Kind -eq Different)
        $different.Count | Should -Be 1
        "$($different[0].Differences)" | Should -Match Payload
        Test-PacketReplay $replay -Ignore Payload, IP, TCP | Should -BeFalse -Because 'the end is still to come'
    }

    It 'goes by single steps' {
        $replay = $record | Select-Object -First 3 | New-PacketReplay -Address 10.7.0.2
        $stack = Start-TcpStack -Link $replay -Manual
        $null = Start-TcpListener 80 -Stack $stack
        $null = Step-TcpStack -Stack $stack
        @(Get-TcpSession -Stack $stack)[0].State | Should -Be SynReceived
        $null = Step-TcpStack -Stack $stack
        @(Get-TcpSession -Stack $stack)[0].State | Should -Be Established
        Test-PacketReplay $replay -Strict | Should -BeTrue
    }

    It 'refuses records in which the host is not' {
        Get-ErrorId { $record | New-PacketReplay -Address 192.0.2.1 } | Should -Be InvalidData
        Get-ErrorId { New-PacketReplay $TestDrive/missing.pcap 10.7.0.1 } | Should -Be FileNotFound
        Get-ErrorId { New-PacketReplay $TestDrive/session.pcapng 10.7.0.1 -Mtu 10 } | Should -Be ParameterArgumentValidationError
    }
}
