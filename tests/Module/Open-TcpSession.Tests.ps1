. $PSScriptRoot/common.ps1

Describe 'Open-TcpSession' {
    AfterEach { Remove-TestStack }

    It 'waits until the session is established' {
        $pair = New-TestPair -Wire @{ Delay = '30ms' }
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        $session.State | Should -Be Established
        $session.Info.SmoothedRtt.TotalMilliseconds | Should -Be 60
        $session.RemotePort | Should -Be 80
        $session.LocalAddress.ToString() | Should -Be 10.7.0.1
    }

    It 'returns at once with -NoWait' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80 -NoWait
        $session.State | Should -Be SynSent
        ($session | Wait-TcpSession Established).State | Should -Be Established
    }

    It 'takes address and port from objects' {
        $pair = New-TestPair
        80, 81 | ForEach-Object { $null = Start-TcpListener $_ -Stack server }
        $targets = 80, 81 | ForEach-Object { [pscustomobject]@{ HostName = $pair.Address; Port = $_ } }
        ($targets | Open-TcpSession).RemotePort | Should -Be 80, 81
    }

    It 'takes the local port, options, and another stack' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack client
        $session = Open-TcpSession 10.7.0.1 80 -Stack server -LocalPort 4000 -NoDelay -KeepAlive -Option @{ WindowScaling = $false; MaximumSegmentSize = 1000 }
        $session.LocalPort | Should -Be 4000
        $session.Stack.Name | Should -Be server
        $session.Info.WindowScaling | Should -BeFalse
        $session.Info.ReceiveMaximumSegment | Should -Be 1000
        $session.NoDelay | Should -BeTrue
        $session.KeepAlive | Should -BeTrue
    }

    It 'resolves names by the host' {
        $null = New-TestPair
        Get-ErrorId { Open-TcpSession localhost 80 -TimeoutSec 1 } | Should -Not -Be UnknownHost
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'ConnectionRefused'; Case = 'a port where nobody listens'; Script = { Open-TcpSession 10.7.0.2 81 } }
        @{ Id = 'TimedOut'; Case = 'an address where nobody answers'; Script = { Open-TcpSession 10.7.0.9 80 -TimeoutSec 2 } }
        @{ Id = 'ConnectionTimedOut'; Case = 'giving up'; Script = { Open-TcpSession 10.7.0.9 80 -TimeoutSec -1 } }
        @{ Id = 'NoRoute'; Case = 'another network'; Script = { Open-TcpSession 192.0.2.1 80 } }
        @{ Id = 'UnknownHost'; Case = 'a name without an address'; Script = { Open-TcpSession no-such-host.invalid 80 } }
        @{ Id = 'NoRoute'; Case = 'a local address of somebody else'; Script = { Open-TcpSession 10.7.0.2 80 -LocalAddress 10.7.0.5 } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a stack that does not exist'; Script = { Open-TcpSession 10.7.0.2 80 -Stack nobody } }
        @{ Id = 'ParameterArgumentValidationError'; Case = 'port 0'; Script = { Open-TcpSession 10.7.0.2 0 } }
        @{ Id = 'InvalidArgument'; Case = 'an option that does not exist'; Script = { Open-TcpSession 10.7.0.2 80 -Option @{ Nonsense = 1 } } }
    ) {
        $pair = New-TestPair
        Get-ErrorId $Script | Should -Be $Id
        @($pair.Client.Sessions | Where-Object State -NE TimeWait).Count | Should -Be 0
    }

    It 'reports AddressInUse for a pair of sockets that exists' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack server
        $null = Open-TcpSession $pair.Address 80 -LocalPort 4000
        Get-ErrorId { Open-TcpSession $pair.Address 80 -LocalPort 4000 } | Should -Be AddressInUse
    }

    It 'reports ConnectionReset when the peer resets in the handshake, and NoStack without a stack' {
        Get-ErrorId { Open-TcpSession 10.7.0.2 80 } | Should -Be NoStack
    }

    It 'says in the error what to do, and names the target' {
        $null = New-TestPair
        $null = Open-TcpSession 10.7.0.2 81 -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].CategoryInfo.Category | Should -Be ConnectionError
        $problem[0].TargetObject | Should -Be '10.7.0.2:81'
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $problem.Count | Should -Be 1
    }

    It 'ends within 100 ms by Ctrl+C and leaves the stack usable and no session' {
        $pair = New-TestPair -Threaded
        $null = Start-TcpListener 80 -Stack server
        Measure-Stop 'param($stack) Open-TcpSession 10.7.0.99 80 -Stack $stack' $pair.Client | Should -BeLessThan 100
        $pair.Client.Sessions.Count | Should -Be 0
        (Open-TcpSession $pair.Address 80).State | Should -Be Established
    }

    It 'completes stacks, ports and profiles' {
        $null = New-TestPair
        Get-Completion 'Open-TcpSession 10.7.0.2 80 -Stack s' | Should -Be server
        Get-Completion 'Open-TcpSession 10.7' | Should -Be 10.7.0.1, 10.7.0.2
        Get-Completion 'Open-TcpSession 10.7.0.2 80 -Stack server -LocalAddress ' | Should -Be 10.7.0.2
        Get-Completion 'Open-TcpSession 10.7.0.2 44' | Should -Contain 443
        Get-Completion 'Open-TcpSession 10.7.0.2 80 -Option ' | Should -Contain '@{ Nagle = $true }'
    }
}
