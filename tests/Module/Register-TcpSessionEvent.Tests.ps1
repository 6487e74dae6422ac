. $PSScriptRoot/common.ps1

Describe 'Register-TcpSessionEvent' {
    BeforeAll { . $PSScriptRoot/conditions.ps1 }

    AfterEach {
        Get-EventSubscriber | Where-Object SourceObject -Is TcpTools.PowerShell.SessionEventRelay | Unregister-Event
        Get-Event | Remove-Event
        Remove-TestStack
    }

    It 'keeps events for Wait-Event and Get-Event' {
        $pair = New-TestSession
        $pair.Near | Register-TcpSessionEvent DataAvailable, Closed -SourceIdentifier near | Should -BeNullOrEmpty
        $pair.Far | Send-TcpData hello
        $pair.Far | Send-TcpData again
        $pair.Near | Wait-TcpSession -Data 10 | Should -Be $pair.Near
        $arrived = Wait-Event near -Timeout 10
        $arrived.SourceEventArgs | Should -BeOfType TcpTools.Stack.SessionEventArgs
        $arrived.SourceEventArgs.Kind | Should -Be DataAvailable
        $arrived.SourceEventArgs.Session | Should -Be $pair.Near
        (Get-EventSubscriber near).SourceObject.Waiting | Should -Be 1
        $arrived | Remove-Event
        $pair.Far | Close-TcpSession -Abort
        $null = Step-TcpStack client -All
        (Wait-Event near -Timeout 10).SourceEventArgs.CloseReason | Should -Be ResetByPeer
    }

    It 'runs an action with what PowerShell gives to actions' {
        $pair = New-TestSession -Threaded
        $seen = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $job = Register-TcpSessionEvent -Session $pair.Near StateChanged, Closed -MessageData $seen -Action {
            $Event.MessageData.Enqueue("$($Event.SourceEventArgs.Kind) $($Sender.Id) $($args.Count)")
            'output'
        }
        $job | Should -BeOfType System.Management.Automation.PSEventJob
        $pair.Near | Close-TcpSession -Abort
        Wait-Until { $seen.Count -ge 2 }
        @($seen) | Should -Be "StateChanged $($pair.Near.Id) 2", "Closed $($pair.Near.Id) 2"
        Receive-Job $job | Should -Be output, output
        (Get-EventSubscriber).SourceObject.Waiting | Should -Be 0
    }

    It 'tells of a stack''s and a listener''s sessions, present and future' {
        $pair = New-TestSession
        Register-TcpSessionEvent Opened, Closed -Stack client -SourceIdentifier byStack
        Register-TcpSessionEvent Opened, Closed -Listener $pair.Listener -SourceIdentifier byListener
        $other = Open-TcpSession $pair.Address 80
        $other | Close-TcpSession -Abort
        $pair.Near | Close-TcpSession -Abort
        $null = Step-TcpStack client -All
        Wait-Until { @(Get-Event byStack -ErrorAction Ignore).Count -eq 3 -and @(Get-Event byListener -ErrorAction Ignore).Count -eq 3 }
        (Get-Event byStack).SourceEventArgs.Kind | Should -Be Opened, Closed, Closed
        (Get-Event byListener).SourceEventArgs.Kind | Should -Be Opened, Closed, Closed
    }

    It 'tells of retransmissions and stalls' {
        $pair = New-TestSession
        $pair.Near | Register-TcpSessionEvent Retransmit, Stall -SourceIdentifier lost
        $pair.Wire | Set-PacketImpairment -Loss 1
        $pair.Near | Send-TcpData hello
        $null = Step-TcpStack client -Duration 5s
        Wait-Until { @(Get-Event lost -ErrorAction Ignore).Count -gt 2 }
        $kinds = @((Get-Event lost).SourceEventArgs.Kind)
        $kinds[0] | Should -Be Retransmit
        @($kinds -eq 'Stall').Count | Should -Be 1
    }

    It 'ends by Unregister-Event, by a trigger count, and with the session''s stack' {
        $pair = New-TestSession
        Register-TcpSessionEvent -Session $pair.Near StateChanged -SourceIdentifier one
        $relay = (Get-EventSubscriber one).SourceObject
        $relay.IsActive | Should -BeTrue
        Unregister-Event one
        $relay.IsActive | Should -BeFalse
        $null = Register-TcpSessionEvent Opened -Stack client -SourceIdentifier two -MaxTriggerCount 2 -Action { }
        $relay = (Get-EventSubscriber two).SourceObject
        1..4 | ForEach-Object { $null = Open-TcpSession $pair.Address 80 }
        Wait-Until { -not $relay.IsActive }
        $relay.Raised | Should -Be 2
        Get-EventSubscriber two -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'drops and counts what nobody fetches in time' {
        $pair = New-TestSession
        Register-TcpSessionEvent StateChanged -Stack client -SourceIdentifier few -Capacity 5
        1..10 | ForEach-Object { Open-TcpSession $pair.Address 80 | Close-TcpSession -Abort }
        $relay = (Get-EventSubscriber few).SourceObject
        Wait-Until { $relay.Raised -eq 5 }
        Wait-Until { @(Get-Event few -ErrorAction Ignore).Count -eq 5 }
        $relay.Raised | Should -Be 5
        $relay.Dropped | Should -Be 25
    }

    It 'does not let slow actions pile up' {
        $pair = New-TestSession
        $gate = [System.Threading.ManualResetEventSlim]::new()
        $null = Register-TcpSessionEvent StateChanged -Stack client -Capacity 3 -MessageData $gate -Action { $Event.MessageData.Wait() }
        $relay = (Get-EventSubscriber | Where-Object SourceObject -Is TcpTools.PowerShell.SessionEventRelay).SourceObject
        $gate.Set()
        1..10 | ForEach-Object { Open-TcpSession $pair.Address 80 | Close-TcpSession -Abort }
        Wait-Until { $relay.Waiting -eq 0 }
        $relay.Raised + $relay.Dropped | Should -Be 30
    }

    It 'survives an action that throws' {
        $pair = New-TestSession
        $null = Register-TcpSessionEvent -Session $pair.Near StateChanged -SourceIdentifier bad -Action { throw 'mine' }
        $relay = (Get-EventSubscriber bad).SourceObject
        $pair.Near | Close-TcpSession -Abort
        Wait-Until { $relay.Raised -ge 1 -and $relay.Waiting -eq 0 }
        $relay.IsActive | Should -BeTrue
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'InvalidArgument'; Case = 'a name that is taken'; Script = { 1..2 | ForEach-Object { Register-TcpSessionEvent Closed -SourceIdentifier twice } } }
        @{ Id = 'InvalidArgument'; Case = 'no event'; Script = { Register-TcpSessionEvent None } }
        @{ Id = 'InvalidArgument'; Case = 'an action for what is forwarded'; Script = { Register-TcpSessionEvent Closed -Forward -Action { } } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'something that is no session'; Script = { Register-TcpSessionEvent Closed -Session 'x' } }
    ) {
        $null = New-TestSession
        Get-ErrorId $Script | Should -Be $Id
    }
}
