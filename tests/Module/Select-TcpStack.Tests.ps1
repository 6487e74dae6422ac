. $PSScriptRoot/common.ps1

Describe 'Select-TcpStack' {
    BeforeEach { $pair = New-TestPair }
    AfterEach { Remove-TestStack }

    It 'chooses the default by object, name and number' {
        Select-TcpStack server -PassThru | ForEach-Object Name | Should -Be server
        (Get-TcpStack -Default).Name | Should -Be server
        $pair.Client | Select-TcpStack
        (Get-TcpStack -Default).Name | Should -Be client
        Select-TcpStack $pair.Server.Id
        (Get-TcpStack -Default).Name | Should -Be server
        $pair.Server.IsDefault | Should -BeTrue
    }

    It 'reports StackStopped for one that was stopped, and a wrong name' {
        Stop-TcpStack $pair.Server
        Get-ErrorId { Select-TcpStack $pair.Server } | Should -Be StackStopped
        Get-ErrorId { Select-TcpStack nobody } | Should -Be ParameterArgumentTransformationError
    }

    It 'leaves the default to another stack when it is stopped' {
        Stop-TcpStack client
        (Get-TcpStack -Default).Name | Should -Be server
    }

    It 'completes names' { Get-Completion 'Select-TcpStack ' | Should -Be client, server }
}
