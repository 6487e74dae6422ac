#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What serves the clients of a listener: actions, scripts that are told what happens, objects. In simulated time unless many
# clients at once are the point.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    . "$PSScriptRoot/conditions.ps1"
    $counter = (Get-Module TcpTools).ImplementingAssembly.GetType('TcpTools.PowerShell.ScriptWorker', $true).GetProperty(
        'Count', [Reflection.BindingFlags] 'Static, Public, NonPublic')

    # In a script of its own, because classes are known only after the script that has them was read.
    . ([scriptblock]::Create(@'
        class CountingEcho {
            [int] $Opened
            [int] $Count
            [object] $Last
            [void] OnOpened([object] $client) { $this.Opened++ }
            [void] OnData([object] $client, [string] $text) { $this.Count++; $client.Send("$($this.Count): $text") }
            [void] OnClosed([object] $client, [object] $failure) { $this.Last = $failure }
        }
        function global:New-CountingEcho { [CountingEcho]::new() }
'@))

    function Receive-Answer($Session, [string] $Text) {
        $Session | Send-TcpData $Text
        $Session | Receive-TcpData -AsString
    }

    function Open-Client([int] $Port = 7) { Open-TcpSession 10.7.0.2 $Port }
}

AfterAll { Wait-Until { $counter.GetValue($null) -eq 0 } }

Describe 'Start-TcpListener -Action' {
    AfterEach { Remove-TestStack }

    It 'is an echo server in one line, until the peer finishes' {
        $null = New-TestPair
        $listener = Start-TcpListener 8888 -Stack server -Backlog 5 -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
        $client = Open-Client 8888
        1..3 | ForEach-Object { Receive-Answer $client "message $_" } | Should -Be 'message 1', 'message 2', 'message 3'
        $client | Close-TcpSession -HalfClose
        $client | Receive-TcpData -All | Should -BeNullOrEmpty
        $client | Close-TcpSession
        $listener.Accepted, $listener.Served, $listener.Failed | Should -Be 1, 1, 0
    }

    It 'has values from here, functions of its own, and the session where none is named' {
        $null = New-TestPair
        $word = 'from here'
        $null = Start-TcpListener 7 -Stack server -InitializationScript { function Get-Word($w) { "<$w>" } } -Action {
            while ($line = Receive-TcpData -Line) { Send-TcpData -Line "$(Get-Word $using:word) $line $($_.RemotePort)" }
        }
        $client = Open-Client
        $client | Send-TcpData -Line 'a', 'b'
        $client | Receive-TcpData -Line -Count 2 | Should -Be "<from here> a $($client.LocalPort)", "<from here> b $($client.LocalPort)"
        $client | Close-TcpSession -HalfClose
        $client | Receive-TcpData -All | Should -BeNullOrEmpty
    }

    It 'closes the session at the end without losing what was sent, also when data is left unread' {
        $null = New-TestPair
        $null = Start-TcpListener 7 -Stack server -Action { $null = $_ | Receive-TcpData -Count 1; $_ | Send-TcpData ([byte[]]::new(200000)) }
        $client = Open-Client
        $client | Send-TcpData ([byte[]]::new(100000))
        ($client | Receive-TcpData -All).Length | Should -Be 200000
        $client | Close-TcpSession
        $null = Start-TcpListener 8 -Stack server -KeepOpen -Action { $_ | Send-TcpData 'x' }
        $client = Open-Client 8
        $null = $client | Receive-TcpData
        Get-TheError { $client | Receive-TcpData -TimeoutSec 5 } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'TimedOut*'
    }

    It 'keeps what was thrown, reported and written, with the session, and goes on' {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -Action {
            $what = $_ | Receive-TcpData -AsString -MaximumBytes 100
            'written'
            Write-Error "reported $what"
            throw "thrown $what"
        }
        foreach ($i in 1, 2) {
            $client = Open-Client
            $client | Send-TcpData "$i"
            $client | Receive-TcpData -All | Should -BeNullOrEmpty
            $client | Close-TcpSession
        }
        $listener.Errors.Message | Should -Be 'reported 1', 'thrown 1', 'reported 2', 'thrown 2'
        $listener.Errors[3].Session.RemotePort | Should -Be $client.LocalPort
        $listener.Errors[0].Event | Should -Be 'Action'
        $listener.Errors[0].Details | Should -BeOfType System.Management.Automation.ErrorRecord
        $listener.Output | Should -Be 'written', 'written'
        $listener.Failed | Should -Be 2
        $listener | Format-Table | Out-String | Should -Match 'Failed'
        $listener.Errors | Out-String | Should -Match 'reported 1'
    }

    It 'serves as many at once as the limit says, and the others after them' {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -ThrottleLimit 2 -Action { $_ | Send-TcpData 'your turn'; $_ | Receive-TcpData }
        $clients = 1..4 | ForEach-Object { Open-Client }
        $clients[0, 1] | ForEach-Object { $_ | Receive-TcpData -AsString } | Should -Be 'your turn', 'your turn'
        Get-ErrorId { $clients[2] | Receive-TcpData -TimeoutSec 10 } | Should -Be 'TimedOut'
        $listener.Active | Should -Be 4
        $clients[0] | Close-TcpSession
        $clients[2] | Receive-TcpData -AsString | Should -Be 'your turn'
    }

    It 'waits in simulated time, exactly' {
        $pair = New-TestPair
        $null = Start-TcpListener 7 -Stack server -Action {
            try { $_ | Receive-TcpData -TimeoutSec 3 -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
        }
        $client = Open-Client
        $client | Receive-TcpData -All | Should -BeNullOrEmpty
        $pair.Client.Now.ToString() | Should -Be '3.000000'
    }

    It 'sees the reset of a client, and ends' {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
        $client = Open-Client
        $null = Receive-Answer $client 'x'
        $client | Close-TcpSession -Abort
        $null = Receive-Answer (Open-Client) 'y'
        $listener.Failed, $listener.Active | Should -Be 1, 1
        $listener.Errors[0].Message | Should -Match 'reset'
    }
}

Describe 'Start-TcpListener -OnOpened -OnData -OnClosed' {
    AfterEach { Remove-TestStack }

    It 'tells each client''s events, with a state of its own' {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -OnOpened { $_.State.Count = 0 } -OnData {
            param($client)
            $client.State.Count++
            $_.Send("$($_.State.Count) $($_.Text)")
        } -OnClosed { "$($_.State.Count) $($_.Failure.Error)" }
        $a, $b = (Open-Client), (Open-Client)
        Receive-Answer $a 'x' | Should -Be '1 x'
        Receive-Answer $a 'y' | Should -Be '2 y'
        Receive-Answer $b 'z' | Should -Be '1 z'
        $a | Close-TcpSession
        $b | Close-TcpSession -Abort
        $null = Receive-Answer (Open-Client) 'settle'
        $listener.Output | Should -Be '2 ', '1 ConnectionReset'
    }

    It 'is a chat: what one says all others hear' {
        $null = New-TestPair
        $null = Start-TcpListener 7 -Stack server -OnData {
            foreach ($other in $_.Server.Clients) { if ($other -ne $_) { $other.Send("$($_.Session.RemotePort): $($_.Text)") } }
        }
        $clients = 1..3 | ForEach-Object { Open-Client }
        $clients[0] | Send-TcpData 'hello'
        foreach ($hearer in $clients[1, 2]) { $hearer | Receive-TcpData -AsString | Should -Be "$($clients[0].LocalPort): hello" }
        $clients[0].Available | Should -Be 0
    }

    It 'survives <Name>' -ForEach @(
        @{ Name = 'what throws'; Bad = { throw 'boom' }; Message = 'boom' }
        @{ Name = 'a break'; Bad = { break }; Message = $null }
        @{ Name = 'an exit'; Bad = { exit }; Message = $null }
        @{ Name = 'an endless loop'; Bad = { while ($true) { } }; Message = 'in time' }
        @{ Name = 'a wait that is too long'; Bad = { Start-Sleep 100 }; Message = 'in time' }
        @{ Name = 'a million objects'; Bad = { 1..1000000 }; Message = $null }
    ) {
        $null = New-TestPair
        $text = [scriptblock]::Create("if (`$_.Text -eq 'bad') { $Bad } else { `$_.Send(`$_.Data) }")
        $listener = Start-TcpListener 7 -Stack server -HandlerTimeoutSec ($Message -eq 'in time' ? 0.5 : 30) -OnData $text
        $bad, $good = (Open-Client), (Open-Client)
        Receive-Answer $good 'before' | Should -Be 'before'
        $bad | Send-TcpData 'bad'
        Receive-Answer $good 'after' | Should -Be 'after'
        Receive-Answer $bad 'again' | Should -Be 'again'
        @($listener.Errors | ForEach-Object Message) -match $Message | Should -HaveCount ([int] ($null -ne $Message))
        @($listener.Output).Count | Should -BeLessOrEqual 1000
    }

    It 'may stop its listener or its stack from inside' {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -OnData { if ($_.Text -eq 'listener') { $_.Server.Stop($false) } else { $_.Session.Stack | Stop-TcpStack } }
        $client = Open-Client
        $client | Send-TcpData 'listener'
        $client | Receive-TcpData -All | Should -BeNullOrEmpty
        $listener.IsListening | Should -BeFalse
        $listener = Start-TcpListener 7 -Stack server -OnData { $_.Session.Stack | Stop-TcpStack -Force }
        $client = Open-Client
        $client | Send-TcpData 'stack'
        Get-ErrorId { $client | Receive-TcpData } | Should -Be 'ConnectionReset'
        (Get-TcpStack).Name | Should -Be 'client'
    }
}

Describe 'Start-TcpListener -Handler' {
    AfterEach { Remove-TestStack }

    It 'shares an object that is given' {
        $null = New-TestPair
        $object = New-CountingEcho
        $null = Start-TcpListener 7 -Stack server -Handler $object
        Receive-Answer (Open-Client) 'a' | Should -Be '1: a'
        Receive-Answer (Open-Client) 'b' | Should -Be '2: b'
        $object.Opened, $object.Count | Should -Be 2, 2
    }

    It 'makes a new object like the one that is given for each client' {
        $null = New-TestPair
        $object = New-CountingEcho
        $object.Count = 100
        $null = Start-TcpListener 7 -Stack server -Handler $object -NewHandler
        1, 2 | ForEach-Object { Receive-Answer (Open-Client) 'a' } | Should -Be '1: a', '1: a'
        $object.Count | Should -Be 100
    }

    It 'makes one object of a class for all, or one for each' {
        $null = New-TestPair
        $type = (New-CountingEcho).GetType()
        $null = Start-TcpListener 7 -Stack server -Handler $type
        1, 2 | ForEach-Object { Receive-Answer (Open-Client) 'a' } | Should -Be '1: a', '2: a'
        $null = Start-TcpListener 8 -Stack server -Handler $type -NewHandler
        1, 2 | ForEach-Object { Receive-Answer (Open-Client 8) 'a' } | Should -Be '1: a', '1: a'
    }

    It 'takes the name of a class that the initialization script has, and a script that makes one' {
        $null = New-TestPair
        $init = { class Shouter { [string] $Mark = '!'; [void] OnData([object] $client, [byte[]] $data) { $client.Send([Text.Encoding]::ASCII.GetString($data).ToUpper() + $this.Mark) } } }
        $null = Start-TcpListener 7 -Stack server -Handler Shouter -InitializationScript $init
        Receive-Answer (Open-Client) 'a' | Should -Be 'A!'
        $mark = '?'
        $listener = Start-TcpListener 8 -Stack server -NewHandler -InitializationScript $init -Handler { $s = [Shouter]::new(); $s.Mark = $using:mark; $s }
        Receive-Answer (Open-Client 8) 'b' | Should -Be 'B?'
        $listener.Errors | Should -BeNullOrEmpty
    }

    It 'calls a handler of C#' {
        Add-Type -TypeDefinition @'
public class Reverser : TcpTools.Servers.TcpHandler {
    public override void OnData(TcpTools.Servers.ServedClient client, byte[] data) { System.Array.Reverse(data); client.Send(data); }
}
'@ -ReferencedAssemblies ([TcpTools.Stack.TcpStack].Assembly.Location)
        $null = New-TestPair
        $null = Start-TcpListener 7 -Stack server -Handler ([Reverser]::new())
        $null = Start-TcpListener 8 -Stack server -Handler Reverser -NewHandler
        Receive-Answer (Open-Client) 'abc' | Should -Be 'cba'
        Receive-Answer (Open-Client 8) 'abc' | Should -Be 'cba'
    }

    It 'says what a handler looks like when it is given <_>' -ForEach '5', '"no such type"', '([int])', '{ 5 }', '{ }', '{ throw "x" }' {
        $null = New-TestPair
        $failure = try { & ([scriptblock]::Create("Start-TcpListener 7 -Stack server -ErrorAction Stop -Handler $_")) } catch { $_ }
        $failure | Should -BeOfType System.Management.Automation.ErrorRecord
        "$($failure.ErrorDetails.RecommendedAction)" | Should -Match 'OnData'
        Get-TcpListener | Should -BeNullOrEmpty
    }
}

Describe 'A listener with handlers' {
    AfterEach { Remove-TestStack }

    It 'is not one to take sessions from' {
        $null = New-TestPair
        $served = Start-TcpListener 7 -Stack server -OnData { }
        Get-ErrorId { $served | Receive-TcpSession } | Should -Be 'ListenerIsServed'
        Get-ErrorId { Receive-TcpSession } | Should -Be 'NoListener'
        $plain = Start-TcpListener 8 -Stack server
        $null = Open-Client 8
        (Receive-TcpSession).LocalPort | Should -Be 8
    }

    It 'ends its clients when it is stopped<Name>' -ForEach @{ Name = ''; With = @{}; Id = 'no error' }, @{ Name = ' by force'; With = @{ Force = $true }; Id = 'ConnectionReset' } {
        $null = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
        $client = Open-Client
        $null = Receive-Answer $client 'x'
        $listener | Stop-TcpListener @With
        Get-ErrorId { $client | Receive-TcpData } | Should -Be $Id
        $listener.Active | Should -Be 0
        $listener.Errors | Should -BeNullOrEmpty
        Wait-Until { $counter.GetValue($null) -eq 0 }
    }

    It 'sends an answer in two parts at once, unless it is told to wait as Nagle does' {
        $pair = New-TestPair
        $two = { $_.Send('one'); $_.Send('two') }
        $null = Start-TcpListener 7 -Stack server -OnData $two
        $null = Start-TcpListener 8 -Stack server -OnData $two -Option @{ nagle = $true }
        foreach ($port in 7, 8) {
            $client = Open-Client $port
            $client | Send-TcpData 'x'
            $null = $client | Receive-TcpData -Until two
            $pair.Server.Sessions[-1].Settings.Nagle | Should -Be ($port -eq 8)
        }
    }

    It 'does not keep Ctrl+C from ending a wait while a handler runs in simulated time' {
        Measure-Stop -Tries 1 @'
            $w = New-PacketWire
            $null = Start-TcpStack 10.7.0.1/24 -Link $w.A -Virtual -Default
            $null = Start-TcpStack 10.7.0.2/24 -Link $w.B -Virtual -Name other
            try {
                $null = Start-TcpListener 7 -Stack other -OnOpened { while ($true) { } }
                $null = Open-TcpSession 10.7.0.2 7
                Receive-TcpData
            }
            finally { Get-TcpStack | Stop-TcpStack -Force }
'@ | Should -BeLessThan 5000
        Wait-Until { $counter.GetValue($null) -eq 0 }
    }

    It 'may stop its stack from an action' {
        $null = New-TestPair
        $null = Start-TcpListener 7 -Stack server -Action { $_.Stack | Stop-TcpStack; 'not reached or not told' }
        $client = Open-Client
        Get-ErrorId { $client | Receive-TcpData -All } | Should -BeIn 'ConnectionReset', 'no error'
        Wait-Until { @(Get-TcpStack).Count -eq 1 }
        Wait-Until { $counter.GetValue($null) -eq 0 }
    }

    It 'resets sessions that were taken by hand only by force' {
        $pair = New-TestPair
        $listener = Start-TcpListener 7 -Stack server
        $client = Open-Client
        $taken = $listener | Receive-TcpSession
        $listener | Stop-TcpListener
        $taken.State | Should -Be 'Established'
        $listener | Stop-TcpListener -Force
        $taken.State | Should -Be 'Closed'
    }

    It 'leaves no runspace behind when the stack is stopped or the module is removed' {
        $shell = New-TestShell @'
            $w = New-PacketWire
            $a = Start-TcpStack 10.7.0.1/24 -Link $w.A -Default
            $b = Start-TcpStack 10.7.0.2/24 -Link $w.B -Name other
            $null = Start-TcpListener 7 -Stack other -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
            $null = Start-TcpListener 8 -Stack other -OnData { while ($true) { } }
            $x = Open-TcpSession 10.7.0.2 8
            $x | Send-TcpData 'x'
            $y = Open-TcpSession 10.7.0.2 7
            $y | Send-TcpData 'y'
            $y | Receive-TcpData -AsString
            Remove-Module TcpTools
'@
        try { $shell.Invoke() | Should -Be 'y' } finally { $shell.Dispose() }
        Wait-Until { $counter.GetValue($null) -eq 0 }
    }

    It 'leaves no runspace behind when the runspace that started it is closed' {
        $shell = New-TestShell @'
            $w = New-PacketWire
            $null = Start-TcpStack 10.7.0.1/24 -Link $w.A -Default
            $null = Start-TcpStack 10.7.0.2/24 -Link $w.B -Name other
            $null = Start-TcpListener 7 -Stack other -Action { $_ | Receive-TcpData | Send-TcpData -Session $_ }
            Open-TcpSession 10.7.0.2 7 | Send-TcpData 'y'
            Receive-TcpData -AsString
'@
        try { $shell.Invoke() | Should -Be 'y' } finally { $shell.Runspace.Dispose(); $shell.Dispose() }
        Wait-Until { $counter.GetValue($null) -eq 0 }
    }

    It 'drops a SYN when its backlog is full, and the peer tries again; or resets it' {
        $pair = New-TestPair
        $listener = Start-TcpListener 7 -Stack server -Backlog 1
        $null = Open-Client
        Get-ErrorId { Open-TcpSession 10.7.0.2 7 -TimeoutSec 0.5 } | Should -Be 'TimedOut'
        $null = $listener | Receive-TcpSession
        (Open-Client).State | Should -Be 'Established'
        $null = Start-TcpListener 8 -Stack server -Backlog 1 -BacklogFull Reset
        $null = Open-Client 8
        Get-ErrorId { Open-TcpSession 10.7.0.2 8 } | Should -Be 'ConnectionRefused'
    }

    It 'serves a thousand clients byte for byte <Name>' -ForEach @(
        @{ Name = 'by one script that is told'; With = @{ OnData = { $_.Send($_.Data) } } }
        @{ Name = 'by actions that take turns'; With = @{ ThrottleLimit = 8; Action = { $_ | Receive-TcpData | Send-TcpData -Session $_ } } }
    ) {
        $pair = New-TestPair -Threaded
        $listener = Start-TcpListener 7 -Stack server -Backlog 1000 @With
        $random = [Random]::new(4)
        $clients = foreach ($i in 1..1000) {
            $data = [byte[]]::new(100 + $random.Next(3000))
            $random.NextBytes($data)
            $session = Open-Client
            $session | Send-TcpData $data
            $session | Close-TcpSession -HalfClose
            [pscustomobject] @{ Session = $session; Data = $data }
        }
        $wrong = foreach ($client in $clients) {
            $back = $client.Session | Receive-TcpData -All -TimeoutSec 60
            if (-not [System.Linq.Enumerable]::SequenceEqual([byte[]] $back, [byte[]] $client.Data)) { $client.Session.Id }
            $client.Session.Close()
        }
        $wrong | Should -BeNullOrEmpty
        Wait-Until { $listener.Served -eq 1000 }
        $listener.Accepted, $listener.Failed, $listener.Active | Should -Be 1000, 0, 0
        $listener.Errors | Should -BeNullOrEmpty
    }
}
