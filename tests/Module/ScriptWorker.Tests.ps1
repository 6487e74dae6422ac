#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The runspaces in which hooks, handlers and other scripts of users run. Users never hold one, so that the tests reach for it.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    . "$PSScriptRoot/conditions.ps1"
    $assembly = (Get-Module TcpTools).ImplementingAssembly
    $worker, $options, $text, $call, $pool = 'ScriptWorker', 'ScriptWorkerOptions', 'ScriptText', 'ScriptCall', 'ScriptPool' |
        ForEach-Object { $assembly.GetType("TcpTools.PowerShell.$_", $true) }
    $flags = [Reflection.BindingFlags] 'Public, NonPublic, Instance, Static'

    function Read-Script([scriptblock] $Script) {
        , $text.GetMethod('From', $flags).Invoke($null, @($Script, '__t', $ExecutionContext.SessionState))
    }

    function New-Worker([scriptblock] $Script, [hashtable] $Option = @{}) {
        $settings = [Activator]::CreateInstance($options)
        foreach ($name in $Option.Keys) { $options.GetProperty($name).SetValue($settings, $Option[$name]) }
        $made = $worker.GetConstructors($flags)[0].Invoke(@((Read-Script $Script), $settings))
        $script:workers += , $made
        , $made
    }

    function Invoke-Worker($Worker, $Item, [object[]] $Arguments = @(), [timespan] $Patience = '0:1:0') {
        , $Worker.GetType().GetMethod('Invoke', $flags).Invoke($Worker, @($Item, $Arguments, $Patience, [Threading.CancellationToken]::None))
    }

    function Get-WorkerCount { $worker.GetProperty('Count', $flags).GetValue($null) }
}

Describe 'A script in a runspace of its own' {
    BeforeEach { $script:workers = @() }

    AfterEach {
        foreach ($one in $script:workers) { $one.Dispose() }
        Wait-Until { (Get-WorkerCount) -eq 0 }
    }

    It 'gets an item and arguments, and gives what it wrote' {
        $w = New-Worker { param($a, $b) "$_ $a $b"; 2 }
        (Invoke-Worker $w 'x' 1, 2).Output | Should -Be 'x 1 2', 2
        (Invoke-Worker $w 'y' 3, 4).Output | Should -Be 'y 3 4', 2
    }

    It 'takes values along, knows the cmdlets and the folder it was written in' {
        $value = 'from here'
        Push-Location /tmp
        try { $w = New-Worker { $using:value; (Get-Command New-TcpSegment).Name; "$PWD" } } finally { Pop-Location }
        (Invoke-Worker $w $null).Output | Should -Be 'from here', 'New-TcpSegment', '/tmp'
    }

    It 'keeps what it sets in the script scope of its runspace, and nothing of its own scope' {
        $w = New-Worker { $global:sum += $_; $mine += $_; $global:sum; $mine }
        $null = Invoke-Worker $w 1
        (Invoke-Worker $w 2).Output | Should -Be 3, 2
    }

    It 'tells what it threw and what it reported, and works on' {
        $w = New-Worker { if ($_ -eq 1) { Write-Error 'first'; throw 'second' }; 'fine' }
        $outcome = Invoke-Worker $w 1
        $outcome.Errors | ForEach-Object { "$_" } | Should -Be 'first', 'second'
        (Invoke-Worker $w 2).Output | Should -Be 'fine'
    }

    It 'survives <Name>' -ForEach @(
        @{ Name = 'break'; Way = { if ($_ -eq 1) { break }; 'after' } }
        @{ Name = 'continue'; Way = { if ($_ -eq 1) { continue }; 'after' } }
        @{ Name = 'exit'; Way = { if ($_ -eq 1) { exit 3 }; 'after' } }
        @{ Name = 'return'; Way = { if ($_ -eq 1) { return }; 'after' } }
    ) {
        $w = New-Worker $Way
        (Invoke-Worker $w 1).Output | Should -BeNullOrEmpty
        (Invoke-Worker $w 2).Output | Should -Be 'after'
    }

    It 'stops a script that does not come back, and works on' {
        $w = New-Worker { if ($_ -eq 1) { while ($true) { } }; 'after' }
        (Invoke-Worker $w 1 -Patience '0:0:0.3').TimedOut | Should -BeTrue
        (Invoke-Worker $w 2).Output | Should -Be 'after'
    }

    It 'keeps a bounded part of what is written without end' {
        $w = New-Worker { 1..5000; Write-Warning x; 1..5000 | ForEach-Object { Write-Error "$_" } } @{ MaximumOutput = 10 }
        $outcome = Invoke-Worker $w $null
        $outcome.Output | Should -Be (1..10)
        $outcome.DroppedOutput | Should -Be 4990
        $outcome.Errors.Count | Should -Be 10
    }

    It 'has what an initialization made' {
        $w = New-Worker { Get-Greeting } @{ Initialization = (Read-Script { function Get-Greeting { 'hello' } }) }
        (Invoke-Worker $w $null).Output | Should -Be 'hello'
    }

    It 'ends while its script loops, and answers who waits' {
        $w = New-Worker { while ($true) { } }
        $ended = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $note = [System.Linq.Expressions.Expression]
        $outcomeType = $assembly.GetType('TcpTools.PowerShell.ScriptOutcome')
        $parameter = $note::Parameter($outcomeType)
        $body = $note::Call($note::Constant($ended), 'Enqueue', $null, $note::Convert($parameter, [object]))
        $done = $note::Lambda([Action`1].MakeGenericType($outcomeType), $body, $parameter).Compile()
        $null = 1..2 | ForEach-Object { $w.Post($null, @(), $done, $null) }
        $w.Dispose()
        Wait-Until { $ended.Count -eq 2 }
        $ended | ForEach-Object TimedOut | Should -Be $true, $true
    }
}
